import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlGroupExists, removeControlGroup } from './control-groups.ts';
import { attempt, run } from './host-command.ts';
import { hostInterface, machineNames } from './layout.ts';
import { existingNamespaces } from './network.ts';
import { kill } from './processes.ts';

/** Where the cluster's files are: neither in a folder that its machines have for themselves nor in memory. */
export const clusterFolder = '/var/tmp/tmo-cluster';

const endLimitMs = 20_000;

/**
 * Ends the cluster and leaves nothing, whatever state it is in; it goes by names alone, so nothing need have been
 * written down. Harmless when there is none.
 */
export async function cleanUp(): Promise<void> {
  const namespaces = existingNamespaces(machineNames);
  await Promise.all(namespaces.map(endProcesses));
  for (const name of namespaces) await run('ip', 'netns', 'delete', name);
  // It went with its other end, but for a moment it may still be there.
  await attempt('ip', 'link', 'delete', hostInterface);
  await removeNamespaceFolder();
  for (const name of machineNames) await removeControlGroup(name);
  fs.rmSync(clusterFolder, { recursive: true, force: true });
}

/** The first namespace of a machine makes a folder and mounts it; nobody takes that away again. */
async function removeNamespaceFolder(): Promise<void> {
  const folder = '/run/netns';
  if (!fs.existsSync(folder) || fs.readdirSync(folder).length > 0) return;
  await attempt('umount', folder);
  await attempt('rmdir', folder);
}

/** With a machine's first process the kernel ends all others and drops the mounts. */
async function endProcesses(namespace: string): Promise<void> {
  const end = performance.now() + endLimitMs;
  for (;;) {
    const pids = (await run('ip', 'netns', 'pids', namespace)).split('\n').filter((line) => line !== '');
    if (pids.length === 0) return;
    if (performance.now() > end)
      throw new Error(`processes of ${namespace} cannot be killed: ${pids.join(' ')}`);
    for (const pid of pids) kill(Number(pid));
    await sleep(20);
  }
}

/** What of a cluster is there: each with its kind, `namespace tmo-node-1`; nothing when it is down. */
export async function findTraces(): Promise<readonly string[]> {
  const links = await run('ip', '-o', 'link');
  const mounts = fs.readFileSync('/proc/mounts', 'utf8').split('\n');
  return [
    ...existingNamespaces(machineNames).map((name) => `namespace ${name}`),
    ...(links.includes(`${hostInterface}@`) ? [`interface ${hostInterface}`] : []),
    ...machineNames.filter(controlGroupExists).map((name) => `control group ${name}`),
    ...mounts.filter((line) => line.includes(clusterFolder)).map((line) => `mount ${line}`),
    ...processesOf(clusterFolder).map((line) => `process ${line}`),
    ...(fs.existsSync(clusterFolder) ? [`folder ${clusterFolder}`] : []),
  ];
}

/** Processes that name the folder in their command lines, or whose machine does. */
function processesOf(folder: string): readonly string[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const [line, mounts] = [`/proc/${pid}/cmdline`, `/proc/${pid}/mounts`].map(readText);
      const ours = [line, mounts].some((text) => text?.includes(folder));
      return ours ? [`${pid} ${line?.replaceAll('\0', ' ').slice(0, 200)}`] : [];
    });
}

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
