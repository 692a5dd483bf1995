import { MONITOR_KEYS } from './monitor-keys.ts';
import { type Parsed, readKeys, type ValuesOf } from './read-keys.ts';
import type { MonitorSettings } from './settings.ts';
import { SettingsError } from './settings-error.ts';

/**
 * What `traffic_monitor.cfg` says: reference 1.2, with D6 mended.
 *
 * @param file its path, for messages only.
 * @throws {SettingsError} naming every key that breaks its rule.
 */
export function parseMonitorSettings(text: string, file: string): Parsed<MonitorSettings> {
  const { values, unknownKeys, faults } = readKeys(MONITOR_KEYS, text, file);
  if (faults.length > 0) throw new SettingsError(file, faults);
  return Object.freeze({ ...settingsOf(values), unknownKeys: Object.freeze(unknownKeys) });
}

const settingsOf = (values: ValuesOf<typeof MONITOR_KEYS>): MonitorSettings => ({
  assignmentConfigMap: values.assignment_config_map,
  assignmentFile: values.assignment_file,
  cachePollingProtocol: values.cache_polling_protocol,
  crConfigBackupFile: values.crconfig_backup_file,
  tmConfigBackupFile: values.tmconfig_backup_file,
  crConfigHistoryCount: values.crconfig_history_count,
  // Whoever has an assignment polls by it.
  distributedPolling:
    values.distributed_polling || values.assignment_file !== null || values.assignment_config_map !== null,
  groupFailoverMs: values.group_failover_ms,
  handoverTimeoutMs: values.handover_timeout_ms,
  statPolling: values.stat_polling,
  healthFlushIntervalMs: values.health_flush_interval_ms,
  statFlushIntervalMs: values.stat_flush_interval_ms,
  statBufferIntervalMs: values.stat_buffer_interval_ms,
  httpPollingFormat: values.http_polling_format,
  httpTimeoutMs: values.http_timeout_ms,
  logs: Object.freeze({
    access: values.log_location_access,
    debug: values.log_location_debug,
    error: values.log_location_error,
    event: values.log_location_event,
    info: values.log_location_info,
    warning: values.log_location_warning,
  }),
  maxEvents: values.max_events,
  monitorConfigPollingIntervalMs: values.monitor_config_polling_interval_ms,
  healthProtocol: values.health_protocol,
  peerOptimisticQuorumMin: values.peer_optimistic_quorum_min,
  serveReadTimeoutMs: values.serve_read_timeout_ms,
  serveWriteTimeoutMs: values.serve_write_timeout_ms,
  serviceAccountDir: values.service_account_dir,
  shortHostnameOverride: values.short_hostname_override,
  snapshotSeedDir: values.snapshot_seed_dir,
  snapshotShrinkHoldMs: values.snapshot_shrink_hold_ms,
  staticFileDir: values.static_file_dir,
  trafficOpsDiskRetryMax: values.traffic_ops_disk_retry_max,
  trafficOpsMinRetryIntervalMs: values.traffic_ops_min_retry_interval_ms,
  trafficOpsMaxRetryIntervalMs: values.traffic_ops_max_retry_interval_ms,
  maxBodyBytes: values.max_body_bytes,
  drainMs: values.drain_ms,
  metricsPerCache: values.metrics_per_cache,
  statsdAddress: values.statsd_address,
  statsdIntervalMs: values.statsd_interval_ms,
});
