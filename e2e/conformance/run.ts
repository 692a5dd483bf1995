/** Compares a monitor with the recordings of the Go Traffic Monitor; see README.md. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type CheckOptions, checkScenario, type Verdict } from './check.ts';
import { splitCommand } from './command-line.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { type Pending, readPending } from './pending.ts';
import { findScenarios, readScenario } from './scenario.ts';
import { abandonWorlds } from './world.ts';

const here = import.meta.dirname;
const ownMonitor = [process.execPath, path.join(here, '../../monitor/main.ts')];
const outputLinesShown = 25;

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  differing: number;
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const all = findScenarios(path.join(here, 'scenarios'));
  const unknown = options.scenarios.filter(
    (name) => !all.some((directory) => path.basename(directory) === name),
  );
  const chosen = all.filter((directory) => isChosen(path.basename(directory), options));
  if (unknown.length > 0 || chosen.length === 0) {
    console.error(`no such scenario: ${[...unknown, ...options.only].join(', ')}`);
    return 2;
  }
  if (options.list) {
    for (const directory of chosen) {
      console.log(`${path.basename(directory)}: ${readScenario(directory).about ?? ''}`);
    }
    return 0;
  }
  const names = all.map((directory) => path.basename(directory));
  const pending = readPending(path.join(here, 'pending.json'), names);
  const started = performance.now();
  const tally = await runAll(chosen, options, pending);
  console.log(`${seconds(started)} s`);
  if (tally.differing > 0) console.log(`${tally.differing} checks differ as documented`);
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
  return tally.failed > 0 ? 1 : 0;
}

function isChosen(name: string, { scenarios, only }: Options): boolean {
  return (
    (scenarios.length === 0 || scenarios.includes(name)) &&
    (only.length === 0 || only.some((text) => name.includes(text)))
  );
}

async function runAll(directories: readonly string[], options: Options, pending: Pending): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, differing: 0 };
  const checkOptions: CheckOptions = {
    command: commandOf(options.monitor),
    differences: path.resolve(options.differences ?? path.join(here, 'differences')),
    keep: options.keep,
    skipQuirks: options.skipQuirks,
    verbose: options.verbose,
  };
  const work = directories.flatMap((directory) => Array.from({ length: options.repeat }, () => directory));
  const worker = async (): Promise<void> => {
    for (let directory = work.shift(); directory !== undefined; directory = work.shift()) {
      const name = path.basename(directory);
      const unmet = unmetNeed(directory);
      if (unmet !== null) {
        tally.skipped++;
        console.log(`SKIP ${name} (${unmet})`);
        continue;
      }
      const reason = pending.get(name) ?? null;
      if (reason !== null && !options.pending) {
        tally.skipped++;
        console.log(`SKIP ${name} (pending: ${reason})`);
        continue;
      }
      const started = performance.now();
      const verdict = await checkScenario(directory, checkOptions);
      report(name, verdict, seconds(started), reason, options.verbose);
      tally.differing += verdict.differences.length;
      if (verdict.problems.length === 0) tally.passed++;
      else if (reason === null) tally.failed++;
      else tally.skipped++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, work.length) }, worker));
  return tally;
}

/** What a scenario needs and this machine does not have; null: nothing. */
function unmetNeed(directory: string): string | null {
  if (readScenario(directory).https && spawnSync('openssl', ['version']).status !== 0) {
    return 'makes a certificate, and openssl is not installed';
  }
  return null;
}

/** The words of the monitor's command; words that name a file are made absolute, as it runs elsewhere. */
function commandOf(monitor: string | null): string[] {
  if (monitor === null) return [...ownMonitor, '-opsCfg', '{opsCfg}', '-config', '{tmCfg}'];
  return splitCommand(monitor).map((word, index) => {
    const mayBeFile = (index > 0 || word.includes('/')) && !word.startsWith('-');
    return mayBeFile && fs.existsSync(word) ? path.resolve(word) : word;
  });
}

function report(
  name: string,
  verdict: Verdict,
  took: string,
  pending: string | null,
  verbose: boolean,
): void {
  const { checks, problems, differences, output } = verdict;
  const about = `${name} (${checks} checks, ${took} s)`;
  if (problems.length === 0) {
    const differs = differences.length > 0 ? `; differs as documented: ${differences.join(', ')}` : '';
    const surprise = pending === null ? '' : '; passes, so take it off pending.json';
    console.log(`PASS ${about}${differs}${surprise}`);
    return;
  }
  const lines = [pending === null ? `FAIL ${about}` : `SKIP ${about}, which fails (pending: ${pending})`];
  for (const problem of problems) {
    lines.push(`  ${problem.id}  ${problem.route}`.trimEnd(), ...problem.lines.map((line) => `    ${line}`));
  }
  if (verbose && output !== '') {
    const end = output.trimEnd().split('\n').slice(-outputLinesShown);
    lines.push('  the monitor said:', ...end.map((line) => `    | ${line}`));
  }
  console.log(lines.join('\n'));
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}
process.on('exit', abandonWorlds);
process.exitCode = await main();
// Nothing may keep this program alive once all is done.
setTimeout(() => process.exit(), 200).unref();
