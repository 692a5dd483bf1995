import type { ComparedStates } from './compared-states.ts';
import { compareStates, type DifferenceKind } from './differences.ts';
import { type Change, Disagreements, type KindCount } from './disagreements.ts';

export const SIDES = ['ours', 'theirs'] as const;
export type Side = (typeof SIDES)[number];

/** One answer of one monitor. */
export type Answer =
  | { readonly kind: 'states'; readonly states: ComparedStates }
  /** No answer, or none that can be read. */
  | { readonly kind: 'failure'; readonly reason: string };

export type Answers = Readonly<Record<Side, Answer>>;

/** What one sample brought. */
export type SampleOutcome =
  | { readonly kind: 'compared'; readonly change: Change }
  | { readonly kind: 'not-compared'; readonly failures: Readonly<Partial<Record<Side, string>>> }
  /** Both answered, but for two different CDNs. */
  | { readonly kind: 'nothing-in-common' };

/** 0: they agree, 1: they disagreed for longer than the tolerance, 2: they could not be compared. */
export type ExitStatus = 0 | 1 | 2;

/** One comparison of two monitors, from its first sample to its last. Pure: answers and times are arguments. */
export class ComparisonRun {
  readonly disagreements: Disagreements;
  /** Samples in which both answered. */
  compared = 0;
  /** Of those, samples without any difference, however short. */
  agreed = 0;
  /** Samples in which this side did not answer. */
  readonly failed: Record<Side, number> = { ours: 0, theirs: 0 };
  notCompared = 0;
  /** Caches and delivery services of all compared samples, and those of them that were alike. */
  things = 0;
  alike = 0;

  constructor(toleranceMs: number) {
    this.disagreements = new Disagreements(toleranceMs);
  }

  take({ ours, theirs }: Answers, timeMs: number): SampleOutcome {
    if (ours.kind === 'failure' || theirs.kind === 'failure') {
      const failures: Partial<Record<Side, string>> = {};
      if (ours.kind === 'failure') failures.ours = ours.reason;
      if (theirs.kind === 'failure') failures.theirs = theirs.reason;
      for (const side of SIDES) if (failures[side] !== undefined) this.failed[side]++;
      return this.#skip({ kind: 'not-compared', failures });
    }
    const { differences, compared, cachesInCommon } = compareStates(ours.states, theirs.states);
    const hasCaches = ours.states.caches.size > 0 || theirs.states.caches.size > 0;
    if (cachesInCommon === 0 && hasCaches) return this.#skip({ kind: 'nothing-in-common' });
    this.compared++;
    if (differences.length === 0) this.agreed++;
    this.things += compared;
    this.alike += compared - new Set(differences.map(thingOf)).size;
    return { kind: 'compared', change: this.disagreements.take(differences, timeMs) };
  }

  /** To be asked after `disagreements.finish()`. */
  get exitStatus(): ExitStatus {
    if (this.compared === 0) return 2;
    const counts: readonly KindCount[] = Object.values(this.disagreements.counts);
    return counts.some(({ long }) => long > 0) ? 1 : 0;
  }

  #skip(outcome: SampleOutcome): SampleOutcome {
    this.notCompared++;
    this.disagreements.interrupt();
    return outcome;
  }
}

const thingOf = ({ kind, name }: { readonly kind: DifferenceKind; readonly name: string }): string =>
  `${kind.startsWith('cache') ? 'cache' : 'delivery service'} ${name}`;
