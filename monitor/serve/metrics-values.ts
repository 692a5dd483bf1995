import type { GroupName } from '../../common/ids.ts';
import type { TrafficOpsStatus } from '../../common/traffic-ops/feed.ts';
import type { Snapshot } from '../../common/traffic-ops/monitoring.ts';
import type { GroupView } from '../groups/groups-view.ts';
import type { CacheState, PollerName } from '../health/cache-state.ts';
import type { DeliveryServiceAvailability } from '../health/delivery-service-states.ts';
import type { PeerState } from '../peers/peer-states.ts';
import type { HistogramTally } from '../poll/histogram-tally.ts';
import { POLL_FAILURES, type PollTally } from '../poll/poll-tally.ts';
import type { Identity } from './identity.ts';
import type { MetricName } from './metrics-declared.ts';
import { flag, type MetricValue, one } from './metrics-shown.ts';

/** What metrics tell of distributed mode. */
export interface GroupFigures {
  /** The own one. */
  readonly group: string;
  /** Cachegroups on their way. */
  readonly handovers: number;
  readonly revision: number;
  readonly groups: readonly GroupView[];
  /** Groups whose caches are polled here because nobody of them answers. */
  readonly silentGroups: ReadonlySet<GroupName>;
  /** Documents refused so far. */
  readonly refusals: number;
  readonly isRefused: boolean;
  /** Caches of others that are still polled here. */
  readonly leaving: number;
}

/** What the metrics are made of: the monitor at one moment. */
export interface MonitorFigures {
  /** ms since the epoch. */
  readonly nowMs: number;
  readonly identity: Identity;
  readonly nodeVersion: string;
  /** Empty: not known yet. */
  readonly cdn: string;
  readonly gateOpen: boolean;
  readonly ready: boolean;
  readonly errors: number;
  readonly events: number;
  /** All caches with a state. */
  readonly caches: readonly CacheState[];
  /** As CrStates has it. */
  readonly isAvailable: (cache: CacheState) => boolean;
  readonly isOverridden: (cache: CacheState) => boolean;
  readonly peers: readonly PeerState<string>[];
  /** null: legacy mode, or no assignment yet. */
  readonly groups: GroupFigures | null;
  /** Whether enough peers answer, or none are needed. */
  readonly quorum: boolean;
  /** 0: no such rule. */
  readonly quorumMinimum: number;
  readonly deliveryServices: Pick<DeliveryServiceAvailability, 'sorted' | 'isAvailable'>;
  readonly bandwidthKbps: number;
  readonly capacityKbps: number;
  /** The pollers that are in use. */
  readonly polls: ReadonlyMap<PollerName, PollTally>;
  readonly pollIntervalMs: number;
  readonly snapshot: Snapshot | null;
  readonly trafficOps: TrafficOpsStatus;
}

export type MetricValues = Readonly<Record<MetricName, readonly MetricValue[]>>;

/** The values of all metrics but those of single caches. */
export function metricValues(figures: MonitorFigures): MetricValues {
  const { groups, identity, peers, polls, snapshot, trafficOps, nowMs } = figures;
  const others = groups?.groups.filter(({ own }) => !own) ?? [];
  const cachegroups = [...byCachegroup(figures)];
  const ofCachegroups = (value: (sums: CachegroupSums) => number): MetricValue[] =>
    cachegroups.map(([cachegroup, sums]) => ({ labels: { cachegroup }, value: value(sums) }));
  const ofPollers = (values: (tally: PollTally, poller: PollerName) => MetricValue[]): MetricValue[] =>
    [...polls].flatMap(([poller, tally]) => values(tally, poller));
  const { acceptedAt } = trafficOps;
  const created = snapshot?.crConfig.stats.date;
  const services = figures.deliveryServices;
  return {
    tm_build_info: one(1, {
      version: identity.version,
      revision: identity.gitRevision,
      node: figures.nodeVersion,
    }),
    tm_monitor_info: one(1, {
      cdn: figures.cdn,
      group: groups?.group ?? '',
      mode: groups === null ? 'legacy' : 'distributed',
    }),
    tm_gate_open: flag(figures.gateOpen),
    tm_ready: flag(figures.ready),
    tm_errors_total: one(figures.errors),
    tm_events_total: one(figures.events),

    tm_cachegroup_caches: ofCachegroups(({ caches }) => caches),
    tm_cachegroup_caches_available: ofCachegroups(({ available }) => available),
    tm_cachegroup_caches_down: ofCachegroups(({ down }) => down),
    tm_cachegroup_bandwidth_kbps: ofCachegroups(({ kbps }) => kbps),
    tm_cachegroup_bandwidth_capacity_kbps: ofCachegroups(({ capacityKbps }) => capacityKbps),
    tm_caches_unpolled: one(figures.caches.filter(({ isKnown }) => !isKnown).length),
    tm_caches_polled_here: one(figures.caches.filter(({ isDirect }) => isDirect).length),

    tm_caches_overridden: one(figures.caches.filter(figures.isOverridden).length),

    tm_peers: one(peers.length),
    tm_peers_available: one(peers.filter(({ isAvailable }) => isAvailable).length),
    tm_peer_up: peers.flatMap(({ name, isAvailable }) => one(isAvailable ? 1 : 0, { peer: name })),
    tm_peer_age_seconds: peers.flatMap(({ name, lastMs }) =>
      lastMs === null ? [] : one(ageSeconds(nowMs, lastMs), { peer: name }),
    ),
    tm_quorum: flag(figures.quorum),
    tm_quorum_minimum: one(figures.quorumMinimum),

    tm_assignment_revision: groups === null ? [] : one(groups.revision),
    tm_assignment_refusals_total: groups === null ? [] : one(groups.refusals),
    tm_assignment_refused: groups === null ? [] : flag(groups.isRefused),
    tm_caches_leaving: groups === null ? [] : one(groups.leaving),
    tm_handovers: groups === null ? [] : one(groups.handovers),
    tm_cachegroups_unassigned: groups === null ? [] : one(unassigned(groups, cachegroups)),
    tm_group_cachegroups: (groups?.groups ?? []).flatMap((group) =>
      one(group.cachegroups.length, { group: group.name }),
    ),
    tm_group_members: (groups?.groups ?? []).flatMap(({ name, members }) =>
      one(members.length, { group: name }),
    ),
    tm_group_reachable: others.flatMap(({ name, reachable }) => one(reachable ? 1 : 0, { group: name })),
    tm_group_age_seconds: others.flatMap(({ name, ageMs }) =>
      ageMs === null ? [] : one(ageMs / 1000, { group: name }),
    ),
    tm_group_members_live: (groups?.groups ?? []).flatMap(({ name, members }) =>
      one(members.filter(({ live }) => live).length, { group: name }),
    ),
    tm_group_stood_in: others.flatMap(({ name }) =>
      one(groups?.silentGroups.has(name) === true ? 1 : 0, { group: name }),
    ),

    tm_delivery_services: one(services.sorted.length),
    tm_delivery_services_available: one(services.sorted.filter((id) => services.isAvailable(id)).length),
    tm_bandwidth_kbps: one(figures.bandwidthKbps),
    tm_bandwidth_capacity_kbps: one(figures.capacityKbps),

    tm_poll_duration_seconds: ofPollers((tally, poller) =>
      [...tally.cachegroups].flatMap(([cachegroup, { durations }]) =>
        histogramValues(durations, { cachegroup, poller }),
      ),
    ),
    tm_poll_failures_total: ofPollers((tally, poller) =>
      [...tally.cachegroups].flatMap(([cachegroup, { failures }]) =>
        // The zeros too: an increase has to begin somewhere.
        POLL_FAILURES.map((reason) => ({
          labels: { cachegroup, poller, reason },
          value: failures.get(reason) ?? 0,
        })),
      ),
    ),
    tm_polls_due_total: ofPollers(({ due }, poller) => one(due, { poller })),
    tm_polls_missed_total: ofPollers(({ missedTurns }, poller) => one(missedTurns, { poller })),
    tm_poll_lateness_seconds: ofPollers(({ lateness }, poller) => histogramValues(lateness, { poller })),
    tm_poll_interval_seconds: one(figures.pollIntervalMs / 1000),

    tm_snapshot_age_seconds: acceptedAt === null ? [] : one(ageSeconds(nowMs, acceptedAt)),
    tm_snapshot_created_timestamp_seconds: created === undefined ? [] : one(created),
    tm_snapshot_held_back_caches: one(trafficOps.heldBackCaches),
    tm_snapshot_from_backup: flag(snapshot?.source === 'backup'),
    tm_traffic_ops_reachable: flag(trafficOps.trafficOpsReachable),
  };
}

/** Never negative, whatever a clock does. */
const ageSeconds = (nowMs: number, thenMs: number): number => Math.max(0, nowMs - thenMs) / 1000;

interface CachegroupSums {
  caches: number;
  available: number;
  down: number;
  kbps: number;
  capacityKbps: number;
}

/** How many of these cachegroups nobody polls. */
function unassigned({ groups }: GroupFigures, cachegroups: readonly (readonly [string, unknown])[]): number {
  const assigned = new Set<string>(groups.flatMap((group) => group.cachegroups));
  return cachegroups.filter(([name]) => !assigned.has(name)).length;
}

/** One walk over all caches, for a scrape alone. */
function byCachegroup({ caches, isAvailable }: MonitorFigures): ReadonlyMap<string, CachegroupSums> {
  const sums = new Map<string, CachegroupSums>();
  for (const state of caches) {
    const { cachegroup } = state.subject.server;
    let own = sums.get(cachegroup);
    if (own === undefined) {
      own = { caches: 0, available: 0, down: 0, kbps: 0, capacityKbps: 0 };
      sums.set(cachegroup, own);
    }
    own.caches++;
    if (isAvailable(state)) own.available++;
    else if (state.subject.status === 'REPORTED') own.down++;
    own.kbps += state.health.vitals?.kbpsOut ?? 0;
    own.capacityKbps += state.capacityKbps;
  }
  return sums;
}

function histogramValues(tally: HistogramTally, labels: MetricValue['labels']): MetricValue[] {
  const counts = tally.cumulative();
  const buckets = counts.map((value, place): MetricValue => {
    const bound = tally.bounds[place];
    return {
      labels: { le: bound === undefined ? '+Inf' : String(bound), ...labels },
      value,
      suffix: '_bucket',
    };
  });
  return [
    ...buckets,
    { labels, value: tally.sum, suffix: '_sum' },
    { labels, value: counts.at(-1) ?? 0, suffix: '_count' },
  ];
}
