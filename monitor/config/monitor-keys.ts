import { SHRINK_HOLD_MS } from '../../common/traffic-ops/shrink-guard.ts';
import {
  flag,
  healthProtocol,
  logLocation,
  milliseconds,
  protocol,
  signed,
  text,
  textAs,
  whole,
} from './key-kinds.ts';
import type { StatsdAddress } from './settings.ts';
import { STATSD_RULE, statsdAddress } from './statsd-address.ts';

/**
 * The keys of `traffic_monitor.cfg`: reference 1.2. The `meaning` texts are the table of
 * docs/configuration.md; a test compares them.
 */
export const MONITOR_KEYS = {
  assignment_config_map: textAs<string | null>('', null, {
    as: (name) => (name === '' ? null : name),
    meaning:
      "Name of a ConfigMap in the pod's namespace whose key `assignment.json` is an assignment document: [distributed.md](distributed.md). Followed through the Kubernetes API; of this and `assignment_file` the higher revision counts. The monitor also renews a Lease of its own name. Means distributed mode.",
    differs: 'Ours.',
  }),
  assignment_file: textAs<string | null>('', null, {
    type: 'path',
    as: (file) => (file === '' ? null : file),
    meaning:
      'Assignment document that says who polls what: [distributed.md](distributed.md). YAML if its name ends in `.yaml` or `.yml`, else JSON. Followed while the monitor runs. Means distributed mode.',
    differs: 'Ours.',
  }),
  cache_polling_protocol: protocol('both', {
    meaning: 'IP family that caches are polled over. Peers are not concerned.',
  }),
  crconfig_backup_file: text('/opt/traffic_monitor/crconfig.backup', {
    type: 'path',
    meaning: 'Copy of the CDN snapshot (CRConfig) on disk, for a start while Traffic Ops is away.',
  }),
  crconfig_history_count: whole(100, {
    min: 1,
    meaning: 'How many snapshots `/api/crconfig-history` remembers.',
    differs: '0 is refused; Go exits later.',
  }),
  distributed_polling: flag(false, {
    meaning:
      'Poll only the cachegroups of the own group, learn the others from the other groups: [distributed.md](distributed.md). Groups are computed from the Traffic Monitors of the snapshot, unless there is an `assignment_file`.',
    differs: 'A change needs a restart.',
  }),
  drain_ms: milliseconds(5000, {
    meaning: 'How long SIGTERM leaves the server answering, with readiness already off.',
    differs: 'Ours: Go stops at once.',
  }),
  group_failover_ms: milliseconds(60_000, {
    meaning:
      "After so long without an answer from any monitor of another group, this monitor polls that group's caches itself, until the group is back. 0: never.",
    differs: 'Ours: Go serves their last states for ever.',
  }),
  handover_timeout_ms: milliseconds(60_000, {
    min: 1,
    meaning:
      "How long a cache that is another group's by now is polled here although that group answers without knowing it.",
    differs: 'Ours: Go stops at once.',
  }),
  health_flush_interval_ms: milliseconds(200, {
    min: 1,
    meaning: 'Longest time that a health result waits to be seen in the answers.',
    differs: '0 is refused; Go crashes on the first health result.',
  }),
  health_protocol: healthProtocol('optimistic', {
    meaning:
      'How the verdicts of this monitor and its peers become one. `optimistic`: a cache is up if any of them sees it up. `pessimistic`: only if all who see it see it up.',
    differs: 'Ours: Go is always optimistic.',
  }),
  http_polling_format: text('text/json', { meaning: '`Accept` header of the polls of caches and peers.' }),
  http_timeout_ms: milliseconds(2000, {
    min: 1,
    meaning:
      'Whole time of a poll of a peer, connect to last byte. Caches do not use it: each has the `health.connection.timeout` of its profile.',
    differs: '0 is refused.',
  }),
  log_location_access: logLocation('null', { meaning: 'The access log.' }),
  log_location_debug: logLocation('null', { meaning: 'The debug log.' }),
  log_location_error: logLocation('stderr', { meaning: 'The error log.' }),
  log_location_event: logLocation('stdout', { meaning: 'The log of availability changes.' }),
  log_location_info: logLocation('null', { meaning: 'The info log.' }),
  log_location_warning: logLocation('stdout', { meaning: 'The warning log.' }),
  max_body_bytes: whole(16_777_216, {
    min: 1,
    unit: 'bytes',
    meaning: 'A larger answer of a cache, packed or unpacked, is a failed poll.',
    differs: 'Ours: Go reads without limit.',
  }),
  max_events: whole(200, {
    min: 1,
    meaning: 'How many events `/publish/EventLog` remembers.',
    differs: '0 is refused; Go crashes on the first event.',
  }),
  metrics_per_cache: flag(false, {
    meaning: '`/metrics` and statsd tell of each single cache too, not only of cachegroups.',
    differs: 'Ours.',
  }),
  monitor_config_polling_interval_ms: milliseconds(5000, {
    min: 1,
    meaning: 'How often Traffic Ops is asked, until its parameter `tm.polling.interval` says otherwise.',
    differs: '0 is refused; Go crashes at start.',
  }),
  peer_optimistic_quorum_min: signed(0, {
    meaning:
      'With two peers or more: while fewer than this many are available, `/publish/CrStates` is 503 (`?raw` is not). 0 or negative: no such rule.',
    differs: 'Only peers of the config with a fresh good answer count, and it does not flap.',
  }),
  serve_read_timeout_ms: milliseconds(10_000, {
    meaning: 'Longest time to receive a request. 0: no limit.',
  }),
  serve_write_timeout_ms: milliseconds(10_000, {
    meaning: 'Longest time to send an answer. 0: no limit.',
  }),
  service_account_dir: text('/var/run/secrets/kubernetes.io/serviceaccount', {
    type: 'path',
    meaning:
      'Directory with `token`, `ca.crt` and `namespace` for `assignment_config_map`, as Kubernetes mounts it.',
    differs: 'Ours.',
  }),
  short_hostname_override: text('', {
    meaning:
      "This monitor's name in Traffic Ops. Empty: the host name of the operating system up to the first dot.",
  }),
  snapshot_seed_dir: textAs<string | null>('', null, {
    type: 'path',
    as: (dir) => (dir === '' ? null : dir),
    meaning:
      'Directory with a packed snapshot, `tmconfig.json.gz` and `crconfig.json.gz`. At a start the backup files are made of it if they are missing, unreadable or older.',
    differs: 'Ours.',
  }),
  snapshot_shrink_hold_ms: milliseconds(SHRINK_HOLD_MS, {
    meaning:
      'A snapshot that lacks ten or more, and more than a quarter, of the caches in force is held back until Traffic Ops has said so for this long: [traffic-ops.md](traffic-ops.md). 0: never.',
    differs: 'Ours: Go takes it at once.',
  }),
  stat_buffer_interval_ms: milliseconds(0, {
    meaning:
      'How long an answer about statistics is kept for those who ask the same, beyond `stat_flush_interval_ms`. Raise it if many ask for large answers.',
    differs: 'Go gathers stat results for so long before it processes them, which delays verdicts too.',
  }),
  stat_flush_interval_ms: milliseconds(200, {
    meaning:
      'How long an answer about statistics is kept for those who ask the same. Together with `stat_buffer_interval_ms` the longest time that a stat result waits to be seen in the answers.',
    differs: 'Go: longest time that one batch of stat results is gathered.',
  }),
  stat_polling: flag(true, {
    meaning: 'Poll the large stat URL of each cache as well as the health URL.',
    differs: 'A change needs a restart. Go refuses true with `distributed_polling`.',
  }),
  statsd_address: textAs<StatsdAddress | null>('', null, {
    type: 'host:port',
    rule: `empty (off), ${STATSD_RULE}`,
    as: (address) => (address === '' ? null : statsdAddress(address)),
    meaning: 'Where to send all metrics by UDP, for statsd with DogStatsD tags.',
    differs: 'Ours.',
  }),
  statsd_interval_ms: milliseconds(10_000, {
    min: 100,
    meaning: 'How often metrics are sent to `statsd_address`.',
    differs: 'Ours.',
  }),
  static_file_dir: textAs<string | null>('', null, {
    type: 'path',
    as: (dir) => (dir === '' ? null : dir),
    meaning: 'Directory with `index.html`, `script.js` and `style.css`. Empty: the page of this monitor.',
    differs: 'Go: `/opt/traffic_monitor/static/`.',
  }),
  tmconfig_backup_file: text('/opt/traffic_monitor/tmconfig.backup', {
    type: 'path',
    meaning: 'Copy of the monitoring config on disk, for a start while Traffic Ops is away.',
  }),
  traffic_ops_disk_retry_max: whole(2, {
    meaning:
      'After how many failed logins, not counting the first, the backup files are used if both are there.',
  }),
  traffic_ops_max_retry_interval_ms: milliseconds(60_000, {
    meaning: 'Longest pause between logins. Not more than the shortest: always 30 s.',
  }),
  traffic_ops_min_retry_interval_ms: milliseconds(100, {
    meaning: 'Shortest pause between logins; it doubles with each failure. 0: always 30 s.',
  }),
};
