import type { Allowed, Fault, Length } from './fault.ts';
import type { Sight } from './router-view.ts';

/** What came of one fault. */
export interface Row {
  readonly fault: Fault;
  readonly allowed: Allowed;
  readonly sight: Sight;
  /** From its beginning until everything had settled, in ms. */
  readonly tookMs: number;
}

/** The answers that were due and did not come, as people compare them. */
export function table(rows: readonly Row[]): string {
  const head = [
    '| fault | took | samples | not 200 | allowed | longest gap | wrongs | slowest detection | test held up |',
    '|---|---|---|---|---|---|---|---|---|',
  ];
  const lines = rows.map(({ fault, allowed, sight, tookMs }) =>
    [
      fault.name,
      `${(tookMs / 1000).toFixed(0)} s`,
      sight.samples,
      sight.refusals.length,
      allowed.share === 0 ? 'none' : `${(100 * allowed.share).toFixed(0)} % in ${allowed.withinMs / 1000} s`,
      ms(sight.longestGapMs),
      sight.wrongs,
      ms(sight.slowestMs),
      ms(sight.heldUpMs),
    ].join(' | '),
  );
  return [...head, ...lines.map((line) => `| ${line} |`)].join('\n');
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;

/** How a table came about. */
export interface Run {
  /** How many the CDN has. */
  readonly caches: number;
  readonly length: Length;
  /** From calling `helm install` to the first 200 through the routers' Service. */
  readonly firstAnswerMs: number;
}

/** The page `docs/faults.md`. */
export function document(rows: readonly Row[], { caches, length, firstAnswerMs }: Run): string {
  const samples = rows.reduce((sum, { sight }) => sum + sight.samples, 0);
  return `# Faults

<!-- Written by e2e/cluster/faults.itest.ts: "npm run e2e:full". -->

What a Traffic Router sees of faults, measured: a simulated CDN of ${caches} caches, three groups of two monitors and two
operators, installed with \`helm install\` on Kubernetes with three nodes, all on one machine of two cores.
\`/publish/CrStates\` was read through the routers' Service ten times a second, over a new connection each time, with a
time-out of 2 s; ${samples.toLocaleString('en')} times in all. Meanwhile a tenth of the caches was broken, in six ways:
one fails and another one recovers every 0.4 s.

From \`helm install\` to the first 200 through the Service: ${(firstAnswerMs / 1000).toFixed(1)} s.

- **not 200**: answers other than 200, time-outs and refused connections. Allowed is what nobody can help: a share of
  the questions, while a node or process that has just gone is still in the Service.
- **longest gap**: between two answers with 200.
- **wrongs**: times that a cache which works was told as unavailable. Judged are all caches in each answer.
- **slowest detection**: longest time that a broken cache was told as available. The bound is 5 s: a poll
  (1 s) and its time-out (1.5 s), one turn of asking within the group and one between groups (1 s each), and half a
  second to take results in; 4 s more where a monitor goes, as both turns may wait for it. What the test itself was held
  up goes on top.

${table(rows)}

| fault | what is done |
|---|---|
${rows.map(({ fault }) => `| ${fault.name} | ${fault.about} |`).join('\n')}

${length === 'full' ? 'These are the figures of the full form.' : 'These are the figures of the short form.'} \`npm run e2e\` runs the short one, \`npm run e2e:full\` the full one, which writes this page.
`;
}
