import { Registry } from 'prom-client';
import type { DeclaredMetric } from '../serve/metrics-declared.ts';
import { type MetricValue, one, registerShown } from '../serve/metrics-shown.ts';
import { type ComparisonRun, type SampleOutcome, SIDES } from './comparison-run.ts';
import { DIFFERENCE_KINDS } from './differences.ts';

/** The metrics of a comparison that is left running. */
export const COMPARE_METRICS = {
  tm_compare_samples_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Samples, by what they brought: agreed, disagreed (however shortly), not_compared.',
  },
  tm_compare_side_up: {
    type: 'gauge',
    labels: ['side'],
    help: '1: this side (ours, theirs) answered in the newest sample.',
  },
  tm_compare_open_disagreements: {
    type: 'gauge',
    labels: ['kind'],
    help: 'Disagreements in the newest compared sample, however short.',
  },
  tm_compare_disagreements_total: {
    type: 'counter',
    labels: ['kind', 'length'],
    help: 'Disagreements that are over: short, or longer than the tolerance (long).',
  },
  tm_compare_longest_disagreement_seconds: {
    type: 'gauge',
    labels: ['kind'],
    help: 'The longest disagreement that is over.',
  },
} as const satisfies Readonly<Record<string, DeclaredMetric>>;

type CompareMetricName = keyof typeof COMPARE_METRICS;

/** Made of what the run has counted, when somebody asks. */
export function comparisonMetrics(run: ComparisonRun, newest: () => SampleOutcome | null): Registry {
  const registry = new Registry();
  registerShown(registry, COMPARE_METRICS, (name) => values[name]());
  const { disagreements } = run;
  const values: Readonly<Record<CompareMetricName, () => readonly MetricValue[]>> = {
    tm_compare_samples_total: () => [
      ...one(run.agreed, { result: 'agreed' }),
      ...one(run.compared - run.agreed, { result: 'disagreed' }),
      ...one(run.notCompared, { result: 'not_compared' }),
    ],
    tm_compare_side_up: () => {
      const outcome = newest();
      return SIDES.flatMap((side) => {
        const isDown = outcome === null || (outcome.kind === 'not-compared' && side in outcome.failures);
        return one(isDown ? 0 : 1, { side });
      });
    },
    tm_compare_open_disagreements: () =>
      DIFFERENCE_KINDS.flatMap((kind) =>
        one(disagreements.open.filter(({ difference }) => difference.kind === kind).length, { kind }),
      ),
    tm_compare_disagreements_total: () =>
      DIFFERENCE_KINDS.flatMap((kind) => [
        ...one(disagreements.counts[kind].short, { kind, length: 'short' }),
        ...one(disagreements.counts[kind].long, { kind, length: 'long' }),
      ]),
    tm_compare_longest_disagreement_seconds: () =>
      DIFFERENCE_KINDS.flatMap((kind) => one(disagreements.counts[kind].longestMs / 1000, { kind })),
  };
  return registry;
}
