import type { CacheName } from '../common/ids.ts';
import { steadyMs } from '../common/steady-clock.ts';
import type { MonitoringConfig } from '../common/traffic-ops/monitoring.ts';
import type { MonitorSettings } from './config/settings.ts';
import type { PolledCache, PollerName } from './health/cache-state.ts';
import type { CacheStates } from './health/cache-states.ts';
import type { Contact } from './health/contact.ts';
import { RecentPolls } from './health/recent-polls.ts';
import type { AppliedConfig } from './health-config.ts';
import { ShapeMemory } from './parse/shape-memory.ts';
import { CachePoller, type PollManner, type PollResult } from './poll/cache-poller.ts';
import { PollTally } from './poll/poll-tally.ts';
import { type PollTarget, planTargets, statTarget } from './poll/poll-targets.ts';
import type { PollingParameters } from './poll/polling-parameters.ts';
import { failureOf, isSilence, polledCache } from './polled-cache.ts';
import { spareMemorySoon } from './spare-memory.ts';
import type { Statistics } from './stats/statistics.ts';

export interface CachePollingOptions {
  readonly userAgent: string;
  /** Keeps the turns of two monitors apart. */
  readonly seed: string;
  readonly states: CacheStates;
  readonly contact: Contact;
  readonly statistics: Statistics;
  /** A fault of this program in taking in a result. */
  readonly onFault: (error: unknown) => void;
}

/** What is polled, and how, under one snapshot. */
export interface CachePollingConfig {
  readonly config: AppliedConfig;
  readonly monitoring: MonitoringConfig;
  readonly parameters: PollingParameters;
  readonly settings: Pick<
    MonitorSettings,
    'cachePollingProtocol' | 'httpPollingFormat' | 'maxBodyBytes' | 'statPolling'
  >;
}

/** poll → parse → health and statistics: both pollers, and what becomes of their results. */
export class CachePolling {
  /** For metrics. */
  readonly tallies: Readonly<Record<PollerName, PollTally>> = {
    health: new PollTally(),
    stat: new PollTally(),
  };
  /** For the page. */
  readonly recent = new RecentPolls();
  readonly #options: CachePollingOptions;
  readonly #shapes = new ShapeMemory();
  readonly #health: CachePoller;
  readonly #stat: CachePoller;
  #applied: CachePollingConfig | null = null;
  /** Of the caches that are polled here only: plans of all others would be most of the memory where those are many. */
  #targets: readonly PollTarget[] = [];

  constructor(options: CachePollingOptions) {
    this.#options = options;
    this.#health = this.#newPoller('health');
    this.#stat = this.#newPoller('stat');
  }

  /**
   * Makes statistics ready for another snapshot, before the states take it over; `poll` follows.
   *
   * @param elsewhere caches that others poll
   * @returns warnings for people
   */
  prepare(applied: CachePollingConfig, elsewhere: ReadonlySet<CacheName>, nowMs: number): readonly string[] {
    this.#applied = applied;
    this.#plan(elsewhere);
    const cachegroups = new Set(applied.config.health.subjects.map(({ server }) => server.cachegroup));
    for (const tally of Object.values(this.tallies)) tally.retain(cachegroups);
    spareMemorySoon();
    return this.#configureStatistics(elsewhere, nowMs);
  }

  /** Polls what was prepared. @returns how many caches these are */
  poll(): number {
    if (this.#applied === null) return 0;
    const { parameters, settings } = this.#applied;
    const targets = this.#targets;
    const manner = { accept: settings.httpPollingFormat, maxBodyBytes: settings.maxBodyBytes };
    const health: PollManner = {
      ...manner,
      intervalMs: parameters.healthIntervalMs,
      keepAlive: parameters.healthKeepAlive,
    };
    this.#health.apply(targets, health);
    if (settings.statPolling) {
      const stat = { ...manner, intervalMs: parameters.statIntervalMs, keepAlive: parameters.statKeepAlive };
      this.#stat.apply(targets.map(statTarget), stat);
    }
    const polled = new Set(targets.map(({ cache }) => cache));
    this.#shapes.keepOnly(polled);
    this.recent.keepOnly(polled);
    const asked = targets.filter(({ probes }) => probes[0]?.kind === 'http');
    this.#options.contact.follow(new Set(asked.map(({ cache }) => cache)));
    return targets.length;
  }

  /** Others poll other caches from now on, under the same snapshot; the states know it already. */
  share(elsewhere: ReadonlySet<CacheName>, nowMs: number): void {
    this.#plan(elsewhere);
    this.#configureStatistics(elsewhere, nowMs);
    this.poll();
  }

  stop(): void {
    this.#health.stop();
    this.#stat.stop();
  }

  #plan(elsewhere: ReadonlySet<CacheName>): void {
    if (this.#applied === null) return;
    const { monitoring, settings } = this.#applied;
    const { targets } = planTargets(monitoring, settings.cachePollingProtocol);
    this.#targets = targets.filter(({ cache }) => !elsewhere.has(cache));
  }

  #configureStatistics(elsewhere: ReadonlySet<CacheName>, nowMs: number): readonly string[] {
    if (this.#applied?.settings.statPolling !== true) return [];
    const { config, monitoring } = this.#applied;
    const names = this.#targets.map(({ cache }) => cache);
    return this.#options.statistics.configure(
      {
        config: monitoring,
        subjects: config.health.subjects,
        polled: new Set(names),
        polledElsewhere: elsewhere,
        document: config.document,
      },
      nowMs,
    );
  }

  #newPoller(poller: PollerName): CachePoller {
    const { userAgent, seed } = this.#options;
    return new CachePoller({
      userAgent,
      // The two polls of a cache, and those of two monitors, come at different moments.
      seed: `${seed} ${poller}`,
      onResult: (result) => this.#take(result, poller),
      turns: this.tallies[poller],
    });
  }

  #take(result: PollResult, poller: PollerName): void {
    const { states, contact, onFault } = this.#options;
    try {
      const polled = polledCache(result, poller, this.#shapes);
      const cachegroup = states.get(polled.cache)?.subject.server.cachegroup;
      const failure = failureOf(result, polled);
      if (cachegroup !== undefined) this.tallies[poller].ended(cachegroup, result.durationMs, failure);
      // Noop polls ask nobody.
      if (result.probe.kind === 'http') {
        const { cache } = polled;
        const { heldUpMs } = result;
        const durationMs = result.durationMs + heldUpMs;
        const isSilent = isSilence(failure);
        if (!contact.polled({ cache, endMs: steadyMs(), durationMs, heldUpMs, isSilent })) return;
      }
      states.record(polled);
      if (poller === 'health') this.#remember(polled);
      if (poller === 'stat') this.#takeStatistics(polled, result.target.format);
    } catch (error) {
      // One cache's answer must not end the polls of all the others.
      onFault(error);
    }
  }

  /** For the page: what this poll found, and the verdict after it. */
  #remember({ cache, outcome, endMs, durationMs }: PolledCache): void {
    const state = this.#options.states.get(cache);
    if (state === undefined) return;
    const { verdict, health } = state;
    this.recent.record(cache, {
      timeMs: endMs,
      isAvailable: verdict?.isAvailable ?? false,
      isAnswered: outcome.kind === 'sample',
      loadAverage: health.vitals?.loadAverage ?? 0,
      kbpsOut: health.vitals?.kbpsOut ?? 0,
      durationMs,
    });
  }

  #takeStatistics(polled: PolledCache, format: string): void {
    const { states, statistics } = this.#options;
    const { cache, outcome, endMs, durationMs } = polled;
    const vitals = outcome.kind === 'sample' ? (states.get(cache)?.stat.vitals ?? null) : null;
    const isEnough = statistics.record({ cache, format, outcome, vitals, endMs, durationMs });
    if (isEnough) states.markPolled(cache);
  }
}
