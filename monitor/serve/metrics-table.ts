import type { DeclaredMetric } from './metrics-declared.ts';

type Described = Pick<DeclaredMetric, 'help'> & {
  readonly type: string;
  readonly labels?: readonly string[];
};

/** The Markdown table of metrics, as docs/metrics.md holds it. */
export const metricTable = (metrics: Readonly<Record<string, Described>>): string =>
  [
    '| Metric | Type | Labels | Meaning |',
    '|---|---|---|---|',
    ...Object.entries(metrics).map(
      ([name, { type, labels = [], help }]) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    ),
  ].join('\n');
