import fs from 'node:fs';
import path from 'node:path';
import { foundCluster } from '../e2e/cluster/found/found-by.ts';
import { foundSettings } from '../e2e/cluster/found/settings.ts';
import { type ProgramName, programSets } from '../e2e/tools/programs.ts';
import { findTools } from '../e2e/tools/tools.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { runNodeTests } from './node-tests.ts';
import { runProgram } from './run-program.ts';
import { nothing, oneFailed, onePassed, readClosingLine, sum, type Tally } from './tally.ts';
import { findTestFiles } from './test-files.ts';

/** One part of the whole test, from the quickest to the slowest. */
export interface Phase {
  readonly name: string;
  readonly about: string;
  /** Runs only when it is named. */
  readonly onRequest?: true;
  run(): Promise<Tally>;
}

const root = path.join(import.meta.dirname, '..');
const trafficserver = path.join(root, 'e2e', 'trafficserver');
const browser = path.join(root, 'e2e', 'ui');
const api = path.join(root, 'e2e', 'api');
const chart = path.join(root, 'e2e', 'chart');
const cluster = path.join(root, 'e2e', 'cluster');
/** Folders whose tests are phases of their own. */
const ownPhases = [browser, trafficserver, api, chart, cluster];
const conformance = path.join(root, 'e2e', 'conformance', 'run.ts');

const quickTests = { concurrency: 2, timeoutMs: 60_000, limitMs: 480_000 };
const programTests = { concurrency: 1, timeoutMs: 300_000, limitMs: 900_000 };
const clusterTests = { concurrency: 1, timeoutMs: 1_200_000, limitMs: 2_400_000 };
const apiTests = { concurrency: 1, timeoutMs: 300_000, limitMs: 1_800_000 };

export const phases: readonly Phase[] = [
  {
    name: 'packages',
    about: "Debian's packages that tests run against",
    async run() {
      const { failed } = await ensureDebianPackages();
      return { ...nothing, failed: failed.length };
    },
  },
  {
    name: 'check',
    about: 'types and style',
    async run() {
      return sum([
        await runTool('tsc', '--noEmit'),
        await runTool('tsc', '--noEmit', '-p', 'tsconfig.browser.json'),
        await runTool('biome', 'check', '.'),
      ]);
    },
  },
  {
    name: 'quick',
    about: '*.test.ts: functions, and servers within the process',
    run: () => runNodeTests(findTestFiles(root, 'test'), quickTests),
  },
  {
    name: 'programs',
    about: '*.itest.ts: whole programs',
    run() {
      const files = findTestFiles(root, 'itest').filter(
        (file) => !ownPhases.some((folder) => file.startsWith(folder + path.sep)),
      );
      return runNodeTests(files, programTests);
    },
  },
  {
    name: 'conformance',
    about: 'the monitor against the recordings of the Go Traffic Monitor',
    run: () => runReporting(conformance, '--jobs', '3'),
  },
  {
    name: 'trafficserver',
    about: 'the monitor against a real Apache Traffic Server',
    run: () => runNodeTests(findTestFiles(trafficserver, 'itest'), programTests),
  },
  {
    name: 'browser',
    about: 'the page and the demo in Chromium',
    run: () => runNodeTests(findTestFiles(browser, 'itest'), programTests),
  },
  {
    name: 'api',
    about: 'the operator against a real Kubernetes API server',
    async run() {
      await buildTools(programSets.api);
      return runNodeTests(findTestFiles(api, 'itest'), apiTests);
    },
  },
  {
    name: 'chart',
    about: 'the Helm chart: its manifests, and releases on a real Kubernetes API server',
    async run() {
      await buildTools([...programSets.api, ...programSets.chart]);
      return runNodeTests(findTestFiles(chart, 'itest'), apiTests);
    },
  },
  {
    name: 'cluster',
    about:
      'operator and monitors on a Kubernetes of three nodes, which needs root; or on the one of KUBECONFIG',
    onRequest: true,
    async run() {
      // Said once here, and not by every test.
      if (foundCluster !== null) foundSettings(process.env);
      await buildTools(foundCluster === null ? programSets.cluster : programSets.found);
      return runNodeTests(findTestFiles(cluster, 'itest'), clusterTests);
    },
  },
];

/** Builds before any test has a deadline. Tests that lack a program skip themselves and say why. */
async function buildTools(names: readonly ProgramName[]): Promise<void> {
  const { missing } = await findTools(names);
  if (missing !== null) console.log(missing);
}

/** Runs a tool of node_modules; it passes or fails as a whole. */
async function runTool(name: string, ...args: string[]): Promise<Tally> {
  console.log(`${name} ${args.join(' ')}`);
  const { succeeded } = await runProgram(path.join(root, 'node_modules', '.bin', name), args);
  return succeeded ? onePassed : oneFailed;
}

/** Runs a program of ours that ends with a closing line. */
async function runReporting(program: string, ...args: string[]): Promise<Tally> {
  if (!fs.existsSync(program)) return oneFailed;
  const { succeeded, stdout } = await runProgram(process.execPath, [program, ...args]);
  const tally = readClosingLine(stdout);
  if (tally === null) return oneFailed;
  return succeeded || tally.failed > 0 ? tally : sum([tally, oneFailed]);
}
