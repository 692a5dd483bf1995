/**
 * Runs the tests, phase by phase: `node scripts/test.ts [phase…]`; without arguments all that need not be asked for.
 * Ends with one line, `N passed, N failed, N skipped`, and exit status 1 when something failed.
 */
import path from 'node:path';
import { type Phase, phases } from './phases.ts';
import { closingLine, oneFailed, sum, type Tally } from './tally.ts';

interface PhaseResult {
  readonly phase: Phase;
  readonly tally: Tally;
  readonly seconds: string;
}

async function runPhase(phase: Phase): Promise<PhaseResult> {
  console.log(`\n=== ${phase.name}: ${phase.about}`);
  const started = performance.now();
  let tally: Tally;
  try {
    tally = await phase.run();
  } catch (error) {
    console.log(`the phase ${phase.name} broke off:`, error);
    tally = oneFailed;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`=== ${phase.name}: ${closingLine(tally)} (${seconds} s)`);
  return { phase, tally, seconds };
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !phases.some((phase) => phase.name === name));
  if (unknown.length > 0) {
    const known = phases.map((phase) => `  ${phase.name.padEnd(15)} ${phase.about}`).join('\n');
    console.error(`no such phase: ${unknown.join(', ')}; the phases are\n${known}`);
    return 2;
  }
  // Tests find files from the project's folder, wherever this was started.
  process.chdir(path.join(import.meta.dirname, '..'));
  console.log(`node ${process.version}`);
  const results: PhaseResult[] = [];
  for (const phase of phases) {
    const wanted = names.length === 0 ? phase.onRequest !== true : names.includes(phase.name);
    if (wanted) results.push(await runPhase(phase));
  }
  console.log('');
  for (const { phase, tally, seconds } of results) {
    console.log(`${phase.name.padEnd(15)} ${seconds.padStart(6)} s  ${closingLine(tally)}`);
  }
  const total = sum(results.map(({ tally }) => tally));
  console.log(closingLine(total));
  return total.failed > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
