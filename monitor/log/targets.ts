import { closeSync, constants, openSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LogLocation, LogName } from '../config/settings.ts';

/** One open file, and the logs that go there. */
export interface Target {
  /** `stdout`, `stderr` or a path. */
  readonly location: string;
  readonly fd: number;
  readonly closesFd: boolean;
  readonly logs: readonly LogName[];
}

// O_NONBLOCK: opening a named pipe that nobody reads fails at once instead of stopping the process.
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const MODE = 0o644;

/**
 * Opens every place that `locations` names, each once: reference 1.2, "Log location values".
 *
 * @throws {Error} naming log and path of a file that cannot be opened; nothing stays open then.
 */
export function openTargets(locations: Readonly<Record<LogName, LogLocation>>): Target[] {
  const opened: Target[] = [];
  try {
    for (const place of placesOf(locations)) opened.push(open(place));
    return opened;
  } catch (error) {
    for (const { fd, closesFd } of opened) if (closesFd) closeSync(fd);
    throw error;
  }
}

interface Place {
  readonly to: 'stdout' | 'stderr' | 'file';
  /** Of a file. */
  readonly path: string;
  readonly logs: LogName[];
}

function placesOf(locations: Readonly<Record<LogName, LogLocation>>): Iterable<Place> {
  const places = new Map<string, Place>();
  for (const name of LOG_NAMES) {
    const location = locations[name];
    if (location.to === 'null') continue;
    const path = location.to === 'file' ? resolve(location.path) : '';
    const place = places.get(`${location.to} ${path}`);
    if (place === undefined) places.set(`${location.to} ${path}`, { to: location.to, path, logs: [name] });
    else place.logs.push(name);
  }
  return places.values();
}

const LOG_NAMES: readonly LogName[] = ['error', 'warning', 'info', 'debug', 'event', 'access'];

function open({ to, path, logs }: Place): Target {
  if (to !== 'file') return { location: to, fd: to === 'stdout' ? 1 : 2, closesFd: false, logs };
  try {
    return { location: path, fd: openSync(path, APPEND, MODE), closesFd: true, logs };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot open ${path} for the ${logs.join(' and ')} log: ${reason}`, { cause: error });
  }
}
