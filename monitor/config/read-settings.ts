import { readFile } from 'node:fs/promises';
import type { Arguments } from './arguments.ts';
import { parseMonitorSettings } from './monitor-settings.ts';
import { parseOpsSettings } from './ops-settings.ts';
import type { Parsed } from './read-keys.ts';
import type { MonitorSettings, OpsSettings, Settings } from './settings.ts';
import { SettingsError } from './settings-error.ts';

/** `Settings`, with the keys of each file that nobody reads. */
export interface SettingsRead extends Settings {
  readonly monitor: Parsed<MonitorSettings>;
  readonly ops: Parsed<OpsSettings>;
}

/** What a pod gets from a Secret without a file: it overrides `username` and `password` of `traffic_ops.cfg`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads both files, for a start or a SIGHUP.
 *
 * @throws {SettingsError} if one cannot be read or breaks a rule. Nothing of the other is used then.
 */
export async function readSettings(files: Arguments, environment: Environment = {}): Promise<SettingsRead> {
  const monitor = parseMonitorSettings(await contentOf(files.config), files.config);
  const ops = parseOpsSettings(await contentOf(files.opsCfg), files.opsCfg);
  return Object.freeze({ monitor, ops: Object.freeze({ ...ops, ...credentialsIn(environment) }) });
}

/** An empty variable counts as one that is not set. */
function credentialsIn(environment: Environment): Partial<Pick<OpsSettings, 'username' | 'password'>> {
  const { TRAFFIC_OPS_USERNAME: username = '', TRAFFIC_OPS_PASSWORD: password = '' } = environment;
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(file, [`cannot be read: ${reason}`], { cause: error });
  }
}
