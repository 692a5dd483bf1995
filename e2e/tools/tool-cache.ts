import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GroupName, moduleFolder, moduleGroups } from './programs.ts';

/** Where built programs and images are kept; the environment may say another place. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['TRAFFIC_MONITOR_OPERATOR_CACHE'];
  if (own !== undefined && own !== '') return path.resolve(own);
  const xdg = environment['XDG_CACHE_HOME'];
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.cache');
  return path.join(base, 'traffic-monitor-operator');
}

/** The flags of `go build`, the same for all: cached packages are of use only to a build with the same ones. */
export function buildFlags(group: GroupName): readonly string[] {
  return ['-trimpath', '-ldflags', moduleGroups[group].ldflags];
}

/** Where the programs of a group lie once built: another `go.mod`, `go.sum` or flag is another folder. */
export function groupFolder(group: GroupName): string {
  const hash = createHash('sha256').update(
    JSON.stringify([process.platform, process.arch, buildFlags(group)]),
  );
  for (const file of ['go.mod', 'go.sum']) hash.update(fs.readFileSync(path.join(moduleFolder(group), file)));
  return path.join(cacheFolder(), 'tools', `${group}-${hash.digest('hex').slice(0, 16)}`);
}

const lookEveryMs = 500;

/**
 * Runs `action` while no other process of this machine runs one under the same name, and waits for it to end first.
 * The lock is a socket, so the kernel takes it away from a process that dies.
 */
export async function alone<T>(name: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  // Only Linux has sockets without a file; elsewhere two at once do the work twice, with the same outcome.
  if (process.platform !== 'linux') return action();
  let lock = await tryLock(name);
  if (lock === null) onWait();
  while (lock === null) {
    await sleep(lookEveryMs);
    lock = await tryLock(name);
  }
  try {
    return await action();
  } finally {
    lock.close();
  }
}

function tryLock(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(`\0traffic-monitor-operator:${name}`, () => resolve(server));
  });
}
