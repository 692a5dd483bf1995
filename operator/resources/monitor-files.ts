import { createHash } from 'node:crypto';
import type { GroupPlan } from './group-plan.ts';
import { groupObjectName } from './names.ts';

/** Where a pod's monitor finds its files, and where it may write. */
export const CONFIG_DIR = '/etc/traffic-monitor';
export const SNAPSHOT_DIR = '/etc/traffic-monitor-snapshot';
export const STATE_DIR = '/var/lib/traffic-monitor';
export const CA_DIR = '/etc/traffic-ops-ca';
export const HTTP_PORT = 8080;

/** ms from SIGTERM to the end of serving: longer than kube-proxy and routers take to turn away. */
export const DRAIN_MS = 8000;

export const MONITOR_CFG = 'traffic_monitor.cfg';
export const OPS_CFG = 'traffic_ops.cfg';
export const ASSIGNMENT_FILE = 'assignment.json';

/** `traffic_monitor.cfg` of a group's pods. */
export function monitorCfg(plan: GroupPlan): string {
  const { monitor } = plan;
  return stableJson({
    cache_polling_protocol: monitor.pollingProtocol,
    health_protocol: monitor.healthProtocol,
    stat_polling: monitor.statPolling,
    metrics_per_cache: monitor.metricsPerCache,
    peer_optimistic_quorum_min: monitor.peerOptimisticQuorumMin,
    health_flush_interval_ms: monitor.healthFlushIntervalMs,
    stat_flush_interval_ms: monitor.statFlushIntervalMs,
    stat_buffer_interval_ms: monitor.statBufferIntervalMs,
    statsd_address: monitor.statsdAddress,
    snapshot_shrink_hold_ms: monitor.snapshotShrinkHoldMs,
    assignment_file: `${CONFIG_DIR}/${ASSIGNMENT_FILE}`,
    assignment_config_map: groupObjectName(plan.name),
    snapshot_seed_dir: SNAPSHOT_DIR,
    crconfig_backup_file: `${STATE_DIR}/crconfig.backup`,
    tmconfig_backup_file: `${STATE_DIR}/tmconfig.backup`,
    drain_ms: DRAIN_MS,
    log_location_info: 'stdout',
    log_location_error: 'stderr',
    log_location_event: 'stdout',
    log_location_warning: 'stdout',
  });
}

/** `traffic_ops.cfg`: without credentials, which come from the Secret through the environment. */
export function opsCfg(plan: GroupPlan): string {
  return stableJson({
    url: plan.trafficOps.url,
    insecure: plan.trafficOps.insecure,
    cdnName: plan.cdn,
    httpListener: `:${HTTP_PORT}`,
  });
}

/** Changes when the files that a monitor reads at its start do, so that its pods are replaced one by one. */
export function configHash(plan: GroupPlan): string {
  return createHash('sha256').update(monitorCfg(plan)).update(opsCfg(plan)).digest('hex').slice(0, 16);
}

/** Without what is null: that is left to the monitor. */
function stableJson(keys: Readonly<Record<string, string | number | boolean | null>>): string {
  return `${JSON.stringify(Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null)), null, 2)}\n`;
}
