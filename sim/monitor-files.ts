import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedTrafficOps } from './traffic-ops.ts';
import type { WorldMonitor } from './world-parts.ts';

export interface MonitorFiles {
  readonly opsCfg: string;
  readonly config: string;
}

/**
 * Writes `traffic_ops.cfg` and `traffic_monitor.cfg` with which a Traffic Monitor watches the simulated CDN. They
 * name nothing outside `folder` and nothing beyond the loopback addresses.
 *
 * @param settings keys of `traffic_monitor.cfg` that are to be otherwise
 */
export async function writeMonitorFiles(
  folder: string,
  trafficOps: SimulatedTrafficOps,
  monitor: Pick<WorldMonitor, 'name' | 'ip' | 'port'>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<MonitorFiles> {
  await mkdir(folder, { recursive: true });
  const files = { opsCfg: join(folder, 'traffic_ops.cfg'), config: join(folder, 'traffic_monitor.cfg') };
  await writeJson(files.opsCfg, {
    username: trafficOps.username,
    password: trafficOps.password,
    url: trafficOps.url,
    insecure: true,
    cdnName: trafficOps.content.cdn,
    httpListener: `${monitor.ip}:${monitor.port}`,
  });
  await writeJson(files.config, {
    short_hostname_override: monitor.name,
    cache_polling_protocol: 'ipv4only',
    monitor_config_polling_interval_ms: 2000,
    health_flush_interval_ms: 20,
    stat_flush_interval_ms: 20,
    drain_ms: 0,
    crconfig_backup_file: join(folder, 'crconfig.backup'),
    tmconfig_backup_file: join(folder, 'tmconfig.backup'),
    log_location_access: 'null',
    log_location_debug: 'null',
    log_location_error: 'stderr',
    log_location_event: 'null',
    log_location_info: 'null',
    log_location_warning: 'stderr',
    ...settings,
  });
  return files;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
