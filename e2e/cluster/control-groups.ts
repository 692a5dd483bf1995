import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = '/sys/fs/cgroup';
const limitMs = 10_000;
/** The largest weights there are, of version 1 and 2. */
const mostProcessorTime = [
  ['cpu.shares', '262144'],
  ['cpu.weight', '10000'],
] as const;

/** The hierarchies of control groups: one a controller in version 1, one in all in version 2; or both kinds. */
function hierarchies(...types: readonly ('cgroup' | 'cgroup2')[]): readonly string[] {
  return fs
    .readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, place = '', type]) => place.startsWith(root) && types.some((one) => one === type))
    .map(([, place = '']) => place);
}

/** Makes the group that all pods of a node are below, in every hierarchy. */
export function createControlGroup(name: string): void {
  const first = hierarchies('cgroup');
  for (const hierarchy of first.length > 0 ? first : hierarchies('cgroup2')) {
    const folder = path.join(hierarchy, name);
    fs.mkdirSync(folder, { recursive: true });
    // A new group of cpuset has no processor and no memory, so nothing could be put into it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const from = path.join(hierarchy, file);
      if (fs.existsSync(from)) fs.writeFileSync(path.join(folder, file), fs.readFileSync(from));
    }
    // Otherwise all pods of a node together weigh as much as any one process of this machine.
    for (const [file, most] of mostProcessorTime) {
      const weight = path.join(folder, file);
      if (fs.existsSync(weight)) fs.writeFileSync(weight, most);
    }
  }
}

/** Removes it with all groups below; their processes have to be gone, or going. */
export async function removeControlGroup(name: string): Promise<void> {
  const end = performance.now() + limitMs;
  // Where there are both versions, runc makes groups in version 2 as well.
  for (const hierarchy of hierarchies('cgroup', 'cgroup2')) {
    const folder = path.join(hierarchy, name);
    while (fs.existsSync(folder)) {
      try {
        removeTree(folder);
      } catch (error) {
        if (performance.now() > end) throw error;
        await sleep(50);
      }
    }
  }
}

export function controlGroupExists(name: string): boolean {
  return hierarchies('cgroup', 'cgroup2').some((hierarchy) => fs.existsSync(path.join(hierarchy, name)));
}

/** The files in it cannot be removed, and need not be: a group without groups goes as it is. */
function removeTree(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
  }
  fs.rmdirSync(folder);
}
