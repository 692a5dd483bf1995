import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AssignmentDocument } from '../common/assignment/document.ts';
import { encodeAssignment } from '../common/assignment/encode-document.ts';
import { cdnName, groupName, monitorName } from '../common/ids.ts';
import { writeMonitorFiles } from '../sim/monitor-files.ts';
import { SimulatedCdn } from '../sim/simulated-cdn.ts';
import { cpuSeconds, privateMb, residentMb } from './process-figures.ts';

/** So many targets, shared by the members of one group, each checked once an interval. */
export interface SharedGroupOptions {
  readonly targets: number;
  readonly monitors: number;
  readonly intervalMs: number;
  /** How long a target takes to answer. */
  readonly checkMs: number;
  readonly measureMs: number;
  readonly port: number;
}

export interface MonitorShare {
  readonly polled: number;
  readonly checksPerSecond: number;
  /** Checks under way at one moment: the most that was seen. */
  readonly inFlight: number;
  readonly residentMb: number;
  /** Without the pages of the program, which all processes share. */
  readonly privateMb: number;
  /** Of one processor. */
  readonly cpu: number;
}

/** Two polls make a target known; then its member has to be asked. */
const START_LIMIT_INTERVALS = 4;

/**
 * Where memory counts more than time: a small young generation, no compiler of TypeScript in memory, no garbage of old
 * snapshots, and large buffers that go back to the system when they are freed.
 */
const LEAN = {
  flags: ['--max-semi-space-size=1', '--optimize-for-size', '--expose-gc', '--heap-growing-percent=5'],
  environment: {
    NODE_COMPILE_CACHE: join(tmpdir(), 'bench-monitor-compile-cache'),
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '16384',
  },
};

type Reckoning = Pick<SharedGroupOptions, 'targets' | 'monitors' | 'intervalMs' | 'checkMs'>;

/** Checks of one monitor that are under way at any time, as the design reckons: whole checks a second. */
export const underWay = ({ targets, monitors, intervalMs, checkMs }: Reckoning): number =>
  Math.floor(targets / monitors / (intervalMs / 1000)) * (checkMs / 1000);

/** What the design reckons for a monitor's data, in MB of 1024 KB: 2 KB for each target and each check under way. */
export const reckonedMb = (options: Reckoning): number => (2 * (options.targets + underWay(options))) / 1024;

interface Member {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
}

/**
 * A monitor that has next to nothing to do: what Node.js and the program take anyway. One before it, which is not
 * measured, fills the compile cache: without it an idle one would take 10 MB more than those that come after.
 */
export async function measureIdle(options: SharedGroupOptions): Promise<MonitorShare> {
  const nothingToDo = { ...options, targets: 3, monitors: 1, intervalMs: 1000, checkMs: 1 };
  await measureSharedGroup({ ...nothingToDo, measureMs: 0 });
  const [idle] = await measureSharedGroup({ ...nothingToDo, measureMs: 5000 });
  if (idle === undefined) throw new Error('the idle monitor was not measured');
  return idle;
}

/** What each monitor of a group that shares its targets (redundancy 1) does and needs, once all know all of them. */
export async function measureSharedGroup(options: SharedGroupOptions): Promise<MonitorShare[]> {
  const { targets, intervalMs, checkMs } = options;
  const cdn = await SimulatedCdn.start({
    state: { latencyMs: checkMs },
    world: {
      edges: targets,
      cachegroups: 12,
      deliveryServices: 1,
      intervals: { health: intervalMs, keepAlive: false, peers: intervalMs / 10, trafficOps: 600_000 },
      profile: { connectionTimeoutMs: checkMs * 2, thresholds: { loadavg: '25.0' } },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'bench-group-'));
  const members: Member[] = [];
  try {
    for (let number = 0; number < options.monitors; number++)
      members.push(await startMember(cdn, folder, options, number));
    await untilAllKnow(members, START_LIMIT_INTERVALS * intervalMs + 60_000);
    return await measure(members, options.measureMs);
  } finally {
    // Not by force: at its end a process writes the compile cache.
    await Promise.all(members.map(ended));
    await cdn.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function ended({ child }: Member): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

const nameOf = (number: number): string => `bench-${number}`;

async function startMember(
  cdn: SimulatedCdn,
  folder: string,
  { monitors, port }: SharedGroupOptions,
  number: number,
): Promise<Member> {
  const { world } = cdn;
  const [any] = world.monitors;
  if (any === undefined) throw new Error('a world has a monitor');
  const own = join(folder, nameOf(number));
  const monitor = { ...any, name: monitorName(nameOf(number)), ip: '127.0.0.1', port: port + number };
  const assignment = join(folder, 'assignment.json');
  const files = await writeMonitorFiles(own, cdn.trafficOps, monitor, {
    stat_polling: false,
    drain_ms: 0,
    assignment_file: assignment,
    health_flush_interval_ms: 1000,
    http_timeout_ms: 10_000,
  });
  const document: AssignmentDocument = {
    version: 1,
    revision: 1,
    cdn: cdnName(world.cdn),
    group: groupName('bench'),
    redundancy: 1,
    groups: [
      {
        name: groupName('bench'),
        cachegroups: world.cachegroups.map(({ cachegroup }) => cachegroup),
        members: Array.from({ length: monitors }, (_, i) => ({
          name: monitorName(nameOf(i)),
          host: '127.0.0.1',
          port: port + i,
        })),
      },
    ],
    handovers: [],
    failovers: [],
  };
  await writeFile(assignment, encodeAssignment(document));
  const args = [...LEAN.flags, 'monitor/main.ts', '--opsCfg', files.opsCfg, '--config', files.config];
  const child = spawn(process.execPath, args, {
    cwd: dirname(import.meta.dirname),
    env: { ...process.env, ...LEAN.environment },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return { name: monitor.name, url: `http://127.0.0.1:${monitor.port}`, child };
}

async function untilAllKnow(members: readonly Member[], limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  for (const { name, url, child } of members) {
    while ((await statusOf(`${url}/readyz`)) !== 200) {
      if (child.exitCode !== null) throw new Error(`${name} has ended`);
      if (performance.now() > end) throw new Error(`${name} does not know all targets within ${limitMs} ms`);
      await sleep(500);
    }
  }
}

async function measure(members: readonly Member[], measureMs: number): Promise<MonitorShare[]> {
  const before = await Promise.all(members.map(figuresOf));
  const startMs = performance.now();
  const inFlight = new Map<Member, number>();
  while (performance.now() - startMs < measureMs) {
    for (const member of members)
      inFlight.set(member, Math.max(inFlight.get(member) ?? 0, socketsOf(pidOf(member))));
    await sleep(250);
  }
  const after = await Promise.all(members.map(figuresOf));
  const seconds = (performance.now() - startMs) / 1000;
  return members.map((member, index) => {
    const [from, to] = [before[index], after[index]];
    if (from === undefined || to === undefined) throw new Error('a monitor without figures');
    return {
      polled: to.polled,
      checksPerSecond: (to.polls - from.polls) / seconds,
      inFlight: inFlight.get(member) ?? 0,
      residentMb: to.residentMb,
      privateMb: to.privateMb,
      cpu: (to.cpuSeconds - from.cpuSeconds) / seconds,
    };
  });
}

interface Figures {
  readonly polls: number;
  readonly polled: number;
  readonly residentMb: number;
  readonly privateMb: number;
  readonly cpuSeconds: number;
}

async function figuresOf(member: Member): Promise<Figures> {
  const pid = pidOf(member);
  // First, for reading the answers below needs memory too.
  const figures = { residentMb: residentMb(pid), privateMb: privateMb(pid), cpuSeconds: cpuSeconds(pid) };
  const metrics = await textOf(`${member.url}/metrics`);
  const read = (metric: RegExp): number => Number(metric.exec(metrics)?.[1] ?? Number.NaN);
  return {
    ...figures,
    polls: read(/^tm_polls_due_total\{poller="health"\} (\S+)$/m),
    polled: read(/^tm_caches_polled_here (\S+)$/m),
  };
}

function pidOf({ child, name }: Member): number {
  if (child.pid === undefined) throw new Error(`${name} did not start`);
  return child.pid;
}

/** Open sockets: no connection is kept, so nearly each is a check under way. */
function socketsOf(pid: number): number {
  let sockets = 0;
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      if (readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')) sockets++;
    } catch {
      // Closed since it was listed.
    }
  }
  return sockets;
}

const statusOf = (url: string): Promise<number> =>
  fetch(url).then(
    (response) => response.text().then(() => response.status),
    () => 0,
  );

const textOf = (url: string): Promise<string> => fetch(url).then((response) => response.text());
