import type { TrafficOpsFeedOptions } from '../common/traffic-ops/feed.ts';
import type { Settings } from './config/settings.ts';
import { shortHostname } from './config/short-hostname.ts';

/** How Traffic Ops is asked under these settings; the rest is the caller's. */
export function feedOptionsOf(
  { monitor, ops }: Settings,
  rest: Pick<TrafficOpsFeedOptions, 'userAgent' | 'log' | 'onSnapshot'>,
): TrafficOpsFeedOptions {
  return {
    ...rest,
    connection: { url: ops.url, username: ops.username, password: ops.password, insecure: ops.insecure },
    configuredCdn: ops.cdnName,
    monitorName: shortHostname({ monitor, ops }),
    backupFiles: { crConfig: monitor.crConfigBackupFile, monitoring: monitor.tmConfigBackupFile },
    startsFromBackups: monitor.snapshotSeedDir !== null,
    retry: {
      minMs: monitor.trafficOpsMinRetryIntervalMs,
      maxMs: monitor.trafficOpsMaxRetryIntervalMs,
      diskAfterFailures: monitor.trafficOpsDiskRetryMax,
    },
    fallbackIntervalMs: monitor.monitorConfigPollingIntervalMs,
    shrinkHoldMs: monitor.snapshotShrinkHoldMs,
    historyCount: monitor.crConfigHistoryCount,
  };
}
