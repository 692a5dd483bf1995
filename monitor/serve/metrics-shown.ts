import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DeclaredMetric } from './metrics-declared.ts';

/** One line of a metric. */
export interface MetricValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of histograms. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

const classes = { counter: Counter, gauge: Gauge, histogram: Histogram };

/** Registers metrics of the library that show values which are kept elsewhere, as they are when somebody asks. */
export function registerShown<Name extends string>(
  registry: Registry,
  metrics: Readonly<Record<Name, DeclaredMetric>>,
  valuesOf: (name: Name) => readonly MetricValue[],
): void {
  for (const [name, { type, help, labels: labelNames }] of Object.entries(metrics) as [
    Name,
    DeclaredMetric,
  ][]) {
    const metric = new classes[type]({ name, help, labelNames, registers: [] });
    const get = async () => ({
      name,
      help,
      type,
      values: valuesOf(name).map(({ labels, value, suffix = '' }) => ({
        metricName: name + suffix,
        labels,
        value,
      })),
    });
    // The text of a histogram is made of the second.
    registry.registerMetric(Object.assign(metric, { get, getForPromString: get }));
  }
}

export const one = (value: number, labels: MetricValue['labels'] = {}): MetricValue[] => [{ labels, value }];

export const flag = (isSo: boolean): MetricValue[] => one(isSo ? 1 : 0);
