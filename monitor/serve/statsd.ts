import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StatsD } from 'hot-shots';
import type { Log } from '../../common/log.ts';
import type { MonitorSettings } from '../config/settings.ts';
import type { CollectedMetric, MetricLine } from './metrics-registry.ts';

type StatsdSettings = Pick<MonitorSettings, 'statsdAddress' | 'statsdIntervalMs'>;

export interface StatsdOptions {
  readonly collect: () => Promise<readonly CollectedMetric[]>;
  /** Tag of every metric. */
  readonly monitor: () => string;
  readonly log: Log;
}

/** What one UDP packet over Ethernet holds. */
const PACKET_BYTES = 1432;
/** So many lines are sent without giving polls their turn. */
const LINES_A_TURN = 500;
/** Names are resolved again after this long. */
const DNS_TTL_MS = 120_000;

/**
 * Sends all metrics by UDP, every so often, with DogStatsD tags: gauges as they are, counters by what was added since
 * they were last sent. Buckets are left out; of histograms there are `_sum` and `_count`. A trouble is logged once and
 * never ends anything.
 */
export class StatsdSender {
  readonly #options: StatsdOptions;
  readonly #sent = new Map<string, number>();
  #settings: StatsdSettings = { statsdAddress: null, statsdIntervalMs: 0 };
  #client: StatsD | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isSending = false;

  constructor(options: StatsdOptions) {
    this.#options = options;
  }

  /** Sends there from now on; does nothing if nothing changed. */
  async apply({ statsdAddress: address, statsdIntervalMs: intervalMs }: StatsdSettings): Promise<void> {
    const { statsdAddress: before, statsdIntervalMs: intervalBefore } = this.#settings;
    if (address?.host === before?.host && address?.port === before?.port && intervalMs === intervalBefore)
      return;
    this.stop();
    this.#settings = { statsdAddress: address, statsdIntervalMs: intervalMs };
    if (address === null) return;
    // Loaded only where it is used.
    const { StatsD } = await import('hot-shots');
    // Another change may have come meanwhile.
    if (this.#settings.statsdAddress !== address) return;
    const { host, port } = address;
    this.#client = new StatsD({
      host,
      port,
      cacheDns: true,
      cacheDnsTtl: DNS_TTL_MS,
      maxBufferSize: PACKET_BYTES,
      globalTags: { monitor: this.#options.monitor() },
      // What the environment says of a Datadog agent is none of this monitor's settings.
      datadog: false,
      includeDataDogTags: false,
      errorHandler: logOnce(this.#options.log, `${host}:${port}`),
    });
    this.#timer = setInterval(() => void this.#send(), intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#client?.close(() => {});
    this.#client = null;
    this.#settings = { statsdAddress: null, statsdIntervalMs: 0 };
  }

  async #send(): Promise<void> {
    const client = this.#client;
    if (client === null || this.#isSending) return;
    this.#isSending = true;
    try {
      let lines = 0;
      for (const metric of await this.#options.collect()) {
        for (const line of metric.lines) {
          if (++lines % LINES_A_TURN === 0) await nextTurn();
          if (this.#client !== client) return;
          this.#sendLine(client, metric, line);
        }
      }
    } catch (error) {
      this.#options.log.error(`metrics cannot be collected for statsd: ${String(error)}`);
    } finally {
      this.#isSending = false;
    }
  }

  #sendLine(client: StatsD, { type }: CollectedMetric, { name, labels, value }: MetricLine): void {
    if (name.endsWith('_bucket')) return;
    if (type === 'gauge') {
      client.gauge(name, value, { ...labels });
      return;
    }
    const key = `${name}${JSON.stringify(labels)}`;
    const added = value - (this.#sent.get(key) ?? 0);
    this.#sent.set(key, value);
    if (added > 0) client.increment(name, added, { ...labels });
  }
}

function logOnce(log: Log, address: string): (error: Error) => void {
  let isTold = false;
  return (error) => {
    if (isTold) return;
    isTold = true;
    log.error(
      `metrics do not reach statsd at ${address}: ${error.message}; they are sent on, and this is not told again; correct statsd_address or start statsd`,
    );
  };
}
