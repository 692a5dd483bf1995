import type { CacheState } from '../health/cache-state.ts';
import { CACHE_METRICS, type CacheMetricName } from './metrics-declared.ts';

type Availability = (cache: CacheState) => boolean;

/** null: not known. */
type Reading = (cache: CacheState, isAvailable: Availability) => number | null;

const readings: Readonly<Record<CacheMetricName, Reading>> = {
  tm_cache_available: (cache, isAvailable) => (isAvailable(cache) ? 1 : 0),
  tm_cache_load_average: ({ health }) => health.vitals?.loadAverage ?? null,
  tm_cache_bandwidth_kbps: ({ health }) => health.vitals?.kbpsOut ?? null,
  tm_cache_poll_duration_seconds: ({ health }) =>
    health.last === null ? null : health.last.durationMs / 1000,
};

const cacheLabels = ({ subject }: CacheState): Readonly<Record<string, string>> => ({
  cache: subject.name,
  cachegroup: subject.server.cachegroup,
  type: subject.type,
});

/** What is known of one metric, cache by cache. */
export function* cacheReadings(
  name: CacheMetricName,
  caches: readonly CacheState[],
  isAvailable: Availability,
) {
  for (const cache of caches) {
    const value = readings[name](cache, isAvailable);
    if (value !== null) yield { name, labels: cacheLabels(cache), value };
  }
}

/**
 * The metrics of single caches as text. Written here and not by the library: tens of thousands of lines differ from
 * scrape to scrape in their values alone, so what stands before the values is kept.
 */
export class CacheLines {
  readonly #labels = new WeakMap<CacheState['subject'], string>();

  write(caches: readonly CacheState[], isAvailable: Availability): string {
    let text = '';
    for (const name of Object.keys(CACHE_METRICS) as CacheMetricName[]) {
      text += headOf(name);
      for (const cache of caches) {
        const value = readings[name](cache, isAvailable);
        if (value !== null) text += `${name}${this.#labelsOf(cache)} ${value}\n`;
      }
    }
    return text;
  }

  #labelsOf(cache: CacheState): string {
    let labels = this.#labels.get(cache.subject);
    if (labels === undefined) {
      const pairs = Object.entries(cacheLabels(cache)).map(([name, value]) => `${name}="${escaped(value)}"`);
      labels = `{${pairs.join(',')}}`;
      this.#labels.set(cache.subject, labels);
    }
    return labels;
  }
}

const headOf = (name: CacheMetricName): string =>
  `\n# HELP ${name} ${CACHE_METRICS[name].help}\n# TYPE ${name} ${CACHE_METRICS[name].type}\n`;

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
