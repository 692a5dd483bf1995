import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Json, JsonObject } from './json.ts';
import type { Scenario } from './scenario.ts';

/** What the monitor's files are made from; the scenario's own keys have their ports filled in. */
export interface MonitorFilesInput {
  readonly directory: string;
  readonly scenario: Scenario;
  readonly tmCfg: JsonObject;
  readonly opsCfg: JsonObject;
  readonly hostname: string;
  readonly listenPort: number;
  readonly trafficOps: { readonly port: number; readonly user: string; readonly password: string };
  /** Documents to put where the backup files belong. */
  readonly backups: { readonly crconfig?: Json | undefined; readonly tmconfig?: Json | undefined };
}

/** Names of the two configuration files. */
export interface MonitorFiles {
  readonly opsCfg: string;
  readonly tmCfg: string;
}

/** Writes all files that the monitor reads into the scratch directory. */
export async function writeMonitorFiles(input: MonitorFilesInput): Promise<MonitorFiles> {
  const { directory, scenario, backups } = input;
  const file = (name: string): string => path.join(directory, name);
  writeStaticFiles(file('static'));
  writeBackup(file('crconfig.backup'), backups.crconfig);
  writeBackup(file('tmconfig.backup'), backups.tmconfig);
  const certificate = scenario.https ? await makeCertificate(directory) : {};
  const files = { opsCfg: file('traffic_ops.cfg'), tmCfg: file('traffic_monitor.cfg') };
  writeConfig(files.opsCfg, { ...defaultOpsCfg(input), ...input.opsCfg, ...certificate });
  writeConfig(files.tmCfg, { ...defaultTmCfg(input), ...input.tmCfg });
  return files;
}

function defaultOpsCfg({ trafficOps, scenario, listenPort }: MonitorFilesInput): JsonObject {
  return {
    username: trafficOps.user,
    password: trafficOps.password,
    url: `http://127.0.0.1:${trafficOps.port}`,
    insecure: true,
    cdnName: scenario.trafficOps.cdn,
    httpListener: `127.0.0.1:${listenPort}`,
  };
}

function defaultTmCfg({ directory, hostname }: MonitorFilesInput): JsonObject {
  return {
    monitor_config_polling_interval_ms: 250,
    http_timeout_ms: 1500,
    peer_optimistic_quorum_min: 0,
    max_events: 200,
    stat_polling: true,
    distributed_polling: false,
    health_flush_interval_ms: 20,
    stat_flush_interval_ms: 20,
    log_location_access: 'null',
    log_location_event: 'null',
    log_location_info: 'null',
    log_location_debug: 'null',
    log_location_error: 'stderr',
    log_location_warning: 'null',
    serve_read_timeout_ms: 10000,
    serve_write_timeout_ms: 10000,
    static_file_dir: path.join(directory, 'static'),
    cache_polling_protocol: 'both',
    crconfig_backup_file: path.join(directory, 'crconfig.backup'),
    tmconfig_backup_file: path.join(directory, 'tmconfig.backup'),
    short_hostname_override: hostname,
    traffic_ops_min_retry_interval_ms: 100,
    traffic_ops_max_retry_interval_ms: 400,
  };
}

/** Null removes a key. */
function writeConfig(file: string, config: JsonObject): void {
  const kept = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  fs.writeFileSync(file, JSON.stringify(kept, null, 1));
}

function writeBackup(file: string, document: Json | undefined): void {
  if (document === undefined) return;
  fs.writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
}

// The recordings hold what is served of these files, byte for byte.
function writeStaticFiles(directory: string): void {
  fs.mkdirSync(directory);
  const page = '<!DOCTYPE html>\n<html><head><title>kit</title></head><body>conformance kit</body></html>\n';
  fs.writeFileSync(path.join(directory, 'index.html'), page);
  fs.writeFileSync(path.join(directory, 'script.js'), '// conformance kit script\nvar kit = 1;\n');
  fs.writeFileSync(path.join(directory, 'style.css'), 'body { color: #123456; }\n');
}

async function makeCertificate(directory: string): Promise<JsonObject> {
  const certFile = path.join(directory, 'cert.pem');
  const keyFile = path.join(directory, 'key.pem');
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  await promisify(execFile)('openssl', [...request, '-addext', names, '-keyout', keyFile, '-out', certFile]);
  return { certFile, keyFile };
}
