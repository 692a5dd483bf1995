import { collectDefaultMetrics, Registry } from 'prom-client';
import { CacheLines, cacheReadings } from './metrics-cache-lines.ts';
import { CACHE_METRICS, type CacheMetricName, METRICS } from './metrics-declared.ts';
import { registerShown } from './metrics-shown.ts';
import { type MetricValues, type MonitorFigures, metricValues } from './metrics-values.ts';
import type { Reply } from './reply.ts';

/** What is read of the monitor for one scrape. */
export interface MetricsSource {
  readonly figures: () => MonitorFigures;
  /** `metrics_per_cache`. */
  readonly perCache: () => boolean;
}

/** A metric with all its values, for those who do not read the text. */
export interface CollectedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly lines: Iterable<MetricLine>;
}

/** One value; the name of a histogram's has its suffix. */
export interface MetricLine {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The metrics of a monitor and of its process, collected when somebody asks. */
export class MetricsRegistry {
  readonly #source: MetricsSource;
  readonly #registry = new Registry();
  readonly #cacheLines = new CacheLines();
  #values: MetricValues | null = null;

  constructor(source: MetricsSource) {
    this.#source = source;
    registerShown(this.#registry, METRICS, (name) => this.#values?.[name] ?? []);
    collectDefaultMetrics({ register: this.#registry });
  }

  /** What `/metrics` answers. */
  async reply(): Promise<Reply> {
    return { status: 200, contentType: Registry.PROMETHEUS_CONTENT_TYPE, body: await this.text() };
  }

  /** Everything in Prometheus' text format. */
  async text(): Promise<string> {
    const figures = this.#source.figures();
    this.#values = metricValues(figures);
    const text = await this.#registry.metrics();
    if (!this.#source.perCache()) return text;
    return text + this.#cacheLines.write(figures.caches, figures.isAvailable);
  }

  /** The same, not as text. */
  async collect(): Promise<readonly CollectedMetric[]> {
    const figures = this.#source.figures();
    this.#values = metricValues(figures);
    const collected = (await this.#registry.getMetricsAsJSON()).map(collectedMetric);
    return this.#source.perCache() ? [...collected, ...cacheMetrics(figures)] : collected;
  }
}

type LibraryMetric = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];

function collectedMetric({ name, type, help, values }: LibraryMetric): CollectedMetric {
  // Lines of histograms have names of their own, which the library's type does not say.
  const lines = values.map((line: LibraryMetric['values'][number] & { metricName?: string }) => ({
    name: line.metricName ?? name,
    labels: line.labels as MetricLine['labels'],
    value: line.value,
  }));
  return { name, type: String(type), help, lines };
}

function* cacheMetrics({ caches, isAvailable }: MonitorFigures): Generator<CollectedMetric> {
  for (const [name, { type, help }] of Object.entries(CACHE_METRICS)) {
    yield { name, type, help, lines: cacheReadings(name as CacheMetricName, caches, isAvailable) };
  }
}
