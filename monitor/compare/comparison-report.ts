import type { ComparisonRun, SampleOutcome, Side } from './comparison-run.ts';
import { DIFFERENCE_KINDS, type Difference, type DifferenceKind } from './differences.ts';
import { type Disagreement, durationMs } from './disagreements.ts';

const kindNames: Readonly<Record<DifferenceKind, string>> = {
  cache: 'cache isAvailable',
  cache_ipv4: 'cache ipv4Available',
  cache_ipv6: 'cache ipv6Available',
  cache_missing: 'cache missing',
  delivery_service: 'delivery service isAvailable',
  delivery_service_missing: 'delivery service missing',
};

/** Tells what happens while two monitors are compared, a line for each thing that a person wants to know. */
export class ComparisonReport {
  #lastTrouble = '';

  /** The lines that a sample is worth. */
  linesOf(outcome: SampleOutcome, timeMs: number): string[] {
    const at = new Date(timeMs).toISOString();
    const lines = this.#troubleLines(outcome).map((line) => `${at} ${line}`);
    if (outcome.kind !== 'compared') return lines;
    const { outlasting, ended } = outcome.change;
    return [
      ...lines,
      ...outlasting.map((one) => `${at} DISAGREE ${described(one)}`),
      ...ended.map((one) => `${at} OVER     ${titled(one.difference)}, after ${seconds(durationMs(one))}`),
    ];
  }

  /** The same trouble is told once, and its end. */
  #troubleLines(outcome: SampleOutcome): string[] {
    const trouble = troubleOf(outcome);
    if (trouble === this.#lastTrouble) return [];
    this.#lastTrouble = trouble;
    return [trouble === '' ? 'COMPARED both answer' : `NOT COMPARED ${trouble}`];
  }
}

function troubleOf(outcome: SampleOutcome): string {
  switch (outcome.kind) {
    case 'compared':
      return '';
    case 'nothing-in-common':
      return 'no cache is named by both: are these two monitors of one CDN?';
    case 'not-compared':
      return (Object.entries(outcome.failures) as [Side, string][])
        .map(([side, reason]) => `${side} does not answer: ${reason}`)
        .join('; ');
  }
}

/** The end of a comparison. */
export function summaryOf(run: ComparisonRun, toleranceMs: number, spanMs: number): string[] {
  const { compared, notCompared, failed, disagreements } = run;
  const lines = [
    '',
    `${compared} samples compared in ${seconds(spanMs)}, ${notCompared} not compared (ours failed ${failed.ours} times, theirs ${failed.theirs})`,
  ];
  if (compared === 0) return [...lines, 'COULD NOT COMPARE: there was no sample in which both answered'];
  lines.push(
    `all alike in ${percent(run.agreed, compared)} of the samples; ${percent(run.alike, run.things)} of all caches and delivery services alike`,
    '',
    `disagreements                 up to ${seconds(toleranceMs).padStart(7)}    longer   longest`,
  );
  for (const kind of DIFFERENCE_KINDS) {
    const { short, long, longestMs } = disagreements.counts[kind];
    const numbers = `${String(short).padStart(13)}${String(long).padStart(10)}${seconds(longestMs).padStart(10)}`;
    lines.push(`${kindNames[kind].padEnd(30)}${numbers}`);
  }
  const long = disagreements.longest.filter((one) => durationMs(one) > toleranceMs);
  if (long.length > 0) lines.push('', 'the longest:', ...long.map((one) => `  ${described(one)}`));
  const verdict = run.exitStatus === 0 ? 'AGREE' : 'DISAGREED';
  return [...lines, '', `${verdict}: tolerance ${seconds(toleranceMs)}`];
}

function described(disagreement: Disagreement): string {
  const { difference, startMs } = disagreement;
  const since = `since ${new Date(startMs).toISOString()} for ${seconds(durationMs(disagreement))}`;
  const side = (name: Side, opinion: string, status: string): string =>
    `${name}: ${opinion}${status === '' ? '' : ` (${status})`}`;
  const ours = side('ours', difference.ours, difference.ourStatus);
  const theirs = side('theirs', difference.theirs, difference.theirStatus);
  return `${titled(difference)} ${since}; ${ours}; ${theirs}`;
}

const titled = ({ kind, name }: Difference): string => {
  const [thing, ...what] = kindNames[kind].split(/ (?=\w+$)/);
  return `${thing} ${name} ${what.join(' ')}`;
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const percent = (part: number, whole: number): string =>
  // Never rounded up to all.
  whole === 0 ? '100 %' : `${(Math.floor((part / whole) * 100_000) / 1000).toFixed(3)} %`;
