/** One metric, as `/metrics`, statsd and docs/metrics.md have it. */
export interface DeclaredMetric {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

const gauge = (help: string, ...labels: string[]): DeclaredMetric => ({ type: 'gauge', labels, help });
const counter = (help: string, ...labels: string[]): DeclaredMetric => ({ type: 'counter', labels, help });
const histogram = (help: string, ...labels: string[]): DeclaredMetric => ({
  type: 'histogram',
  labels,
  help,
});

/** All metrics of a monitor but those of single caches; seconds and bytes, and kbps where Traffic Control says kbps. */
export const METRICS = {
  tm_build_info: gauge('Always 1; which program this is.', 'version', 'revision', 'node'),
  tm_monitor_info: gauge(
    'Always 1; the CDN that is monitored, the own group, and the mode: legacy or distributed. Empty: not known.',
    'cdn',
    'group',
    'mode',
  ),
  tm_gate_open: gauge('1: every cache is known and data is served. 0: data routes answer 503.'),
  tm_ready: gauge('1: routers may be sent here, as /readyz says.'),
  tm_errors_total: counter('Lines of the error log.'),
  tm_events_total: counter('Changes of availability, as in the event log.'),

  tm_cachegroup_caches: gauge(
    'Caches that count: ONLINE, REPORTED and ADMIN_DOWN ones. By cachegroup.',
    'cachegroup',
  ),
  tm_cachegroup_caches_available: gauge('Caches that CrStates calls available.', 'cachegroup'),
  tm_cachegroup_caches_down: gauge('Caches that are REPORTED and not available.', 'cachegroup'),
  tm_cachegroup_bandwidth_kbps: gauge('What the caches send, by their last good health polls.', 'cachegroup'),
  tm_cachegroup_bandwidth_capacity_kbps: gauge(
    'What the caches could send, by their last good health polls.',
    'cachegroup',
  ),
  tm_caches_unpolled: gauge(
    'Caches of which nothing is known yet, neither by polls nor by the word of others.',
  ),
  tm_caches_polled_here: gauge('Caches that this monitor polls itself; in legacy mode all.'),

  tm_caches_overridden: gauge(
    'Caches that CrStates calls otherwise than this monitor, by the word of its peers.',
  ),

  tm_peers: gauge('Other monitors whose word is asked: in distributed mode those of the own group.'),
  tm_peers_available: gauge('Those of them whose word counts: the last answer was good and is not too old.'),
  tm_peer_up: gauge('1: the word of this peer counts.', 'peer'),
  tm_peer_age_seconds: gauge('Since the last poll of this peer ended, good or not; absent before.', 'peer'),
  tm_quorum: gauge(
    '1: enough peers answer, or no quorum is asked for. 0: CrStates answers 503 for want of peers.',
  ),
  tm_quorum_minimum: gauge('Fewest peers that must answer; 0: no such rule.'),

  tm_assignment_revision: gauge(
    'Revision of the assignment document in force; 0: computed from the snapshot. Absent in legacy mode.',
  ),
  tm_assignment_refusals_total: counter('Assignment documents that were refused. Absent in legacy mode.'),
  tm_assignment_refused: gauge(
    '1: the document offered last is refused, an older one stays in force. Absent in legacy mode.',
  ),
  tm_caches_leaving: gauge(
    'Caches of others that are polled here until their new owner is heard with them. Absent in legacy mode.',
  ),
  tm_handovers: gauge(
    'Cachegroups on their way from one group to another, by the assignment in force. Absent in legacy mode.',
  ),
  tm_cachegroups_unassigned: gauge(
    'Cachegroups with caches that no group of the assignment in force polls. Absent in legacy mode.',
  ),
  tm_group_cachegroups: gauge('Cachegroups that this group polls by the assignment in force.', 'group'),
  tm_group_members: gauge('Members of this group by the assignment in force.', 'group'),
  tm_group_reachable: gauge('1: a monitor of this group answered when it was asked last.', 'group'),
  tm_group_age_seconds: gauge(
    'Since this group last told of its caches: so old their verdicts may be. Absent before the first answer.',
    'group',
  ),
  tm_group_members_live: gauge('Members of this group that are alive, as this monitor sees them.', 'group'),
  tm_group_stood_in: gauge('1: the group is silent for so long that its caches are polled here.', 'group'),

  tm_delivery_services: gauge('Delivery services of the CDN.'),
  tm_delivery_services_available: gauge('Delivery services that CrStates calls available.'),
  tm_bandwidth_kbps: gauge('What all caches send, as /api/bandwidth-kbps has it.'),
  tm_bandwidth_capacity_kbps: gauge('What all caches could send, as /api/bandwidth-capacity-kbps has it.'),

  tm_poll_duration_seconds: histogram(
    'How long polls took that ended, failed ones too.',
    'cachegroup',
    'poller',
  ),
  tm_poll_failures_total: counter('Polls that failed.', 'cachegroup', 'poller', 'reason'),
  tm_polls_due_total: counter('Polls whose turn has come.', 'poller'),
  tm_polls_missed_total: counter(
    'Turns without a poll: the last poll of the cache was still under way, or the monitor stood still.',
    'poller',
  ),
  tm_poll_lateness_seconds: histogram('How late polls began, after their turn.', 'poller'),
  tm_poll_interval_seconds: gauge('The interval in which each cache has a health poll.'),

  tm_snapshot_age_seconds: gauge(
    'Since Traffic Ops last gave or confirmed the snapshot in force; absent without a snapshot.',
  ),
  tm_snapshot_created_timestamp_seconds: gauge(
    'When the snapshot in force was made, by its own word; absent if it does not say.',
  ),
  tm_snapshot_held_back_caches: gauge(
    'Caches that the newest snapshot lacks, which is held back for that; 0: none is held back.',
  ),
  tm_snapshot_from_backup: gauge('1: the snapshot in force comes from the backup files.'),
  tm_traffic_ops_reachable: gauge('1: the last attempt got its answers from Traffic Ops.'),
} as const satisfies Readonly<Record<string, DeclaredMetric>>;

export type MetricName = keyof typeof METRICS;

const ofCache = (help: string): DeclaredMetric => gauge(help, 'cache', 'cachegroup', 'type');

/** Metrics of single caches: only with `metrics_per_cache`. */
export const CACHE_METRICS = {
  tm_cache_available: ofCache('1: CrStates calls the cache available.'),
  tm_cache_load_average: ofCache('One-minute load average, by the last good poll.'),
  tm_cache_bandwidth_kbps: ofCache('What the cache sends, by its last two good polls.'),
  tm_cache_poll_duration_seconds: ofCache('How long the last health poll took, failed or not.'),
} as const satisfies Readonly<Record<string, DeclaredMetric>>;

export type CacheMetricName = keyof typeof CACHE_METRICS;
