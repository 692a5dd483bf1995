// npm run bench [-- poll stats serve latency assign share operator memory] : measures monitor and operator on this machine and prints a table.
import { measureAssignment } from './assignment-time.ts';
import { NginxCaches } from './nginx-caches.ts';
import { measureOperatorMemory } from './operator-memory.ts';
import { measureOperator } from './operator-scale.ts';
import { measurePollCost, type PollCost } from './poll-cost.ts';
import { measureServeRate } from './serve-rate.ts';
import { type MonitorShare, measureIdle, measureSharedGroup, reckonedMb, underWay } from './shared-group.ts';
import { measureStatCost } from './stat-cost.ts';
import { measureVerdictLatency } from './verdict-latency.ts';

const CACHE_PORT = 18_090;
const MONITOR_PORT = 18_093;
const SIZES = [500, 2000, 8000];
const window = { warmupMs: 8000, measureMs: 12_000 };

async function pollCosts(): Promise<void> {
  const nginx = await NginxCaches.start(CACHE_PORT);
  try {
    console.log(
      '| caches | bare, µs CPU per poll | monitor | times bare | polls done of due | memory, MB (KB per cache) |',
    );
    console.log('| --- | --- | --- | --- | --- | --- |');
    for (const caches of SIZES) {
      const bare = await measurePollCost('bare', caches, nginx, MONITOR_PORT, window);
      const ours = await measurePollCost('monitor', caches, nginx, MONITOR_PORT, window);
      console.log(row(bare, ours));
    }
  } finally {
    await nginx.stop();
  }
}

function row(bare: PollCost, ours: PollCost): string {
  const memory = `${ours.residentMb.toFixed(0)} (${((ours.residentMb * 1024) / ours.caches).toFixed(0)})`;
  const times = (ours.microseconds / bare.microseconds).toFixed(2);
  return `| ${ours.caches} | ${bare.microseconds.toFixed(0)} | ${ours.microseconds.toFixed(0)} | ${times} | ${(ours.done * 100).toFixed(1)} % | ${memory} |`;
}

async function statCosts(): Promise<void> {
  const nginx = await NginxCaches.start(CACHE_PORT);
  try {
    console.log('| caches | µs CPU per poll | polls done of due | memory, MB |');
    console.log('| --- | --- | --- | --- |');
    const told: string[] = [];
    for (const caches of [200, 1000]) {
      const { microseconds, done, residentMb, whole } = await measureStatCost(
        caches,
        nginx,
        MONITOR_PORT,
        window,
      );
      console.log(
        `| ${caches} | ${microseconds.toFixed(0)} | ${(done * 100).toFixed(1)} % | ${residentMb.toFixed(0)} |`,
      );
      told.push(
        `All statistics of ${caches} caches: ${(whole.bytes / 1e6).toFixed(0)} MB in ${(whole.tookMs / 1000).toFixed(1)} s, with ${(whole.done * 100).toFixed(1)} % of due polls; /healthz meanwhile p99 ${whole.p99Ms.toFixed(0)} ms`,
      );
    }
    for (const line of told) console.log(line);
  } finally {
    await nginx.stop();
  }
}

async function serveRate(): Promise<void> {
  const nginx = await NginxCaches.start(CACHE_PORT);
  try {
    const { caches, bodyBytes, requestsPerSecond, p99 } = await measureServeRate(4000, nginx, MONITOR_PORT);
    const size = `${(bodyBytes / 1024).toFixed(0)} KB`;
    console.log(
      `CrStates of ${caches} caches (${size}) while they are polled: ${requestsPerSecond.toFixed(0)} a second, p99 ${p99}`,
    );
  } finally {
    await nginx.stop();
  }
}

async function verdictLatency(): Promise<void> {
  const { caches, samples, p50, p99, max } = await measureVerdictLatency(2000, 400, MONITOR_PORT);
  console.log(
    `From the deciding answer to the changed CrStates, ${caches} caches, ${samples} changes: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(1)} ms`,
  );
}

async function assignment(): Promise<void> {
  for (const { what, ms } of measureAssignment(200, 5000)) console.log(`${what}: ${ms.toFixed(0)} ms`);
}

/** 50,000 targets, three monitors, five minutes, checks of 30 s; everything five times as fast, or as told. */
async function sharedGroup(): Promise<void> {
  const speed = Number(process.env['BENCH_SPEED'] ?? 5);
  const options = {
    targets: 50_000,
    monitors: 3,
    intervalMs: 300_000 / speed,
    checkMs: 30_000 / speed,
    measureMs: 40_000,
    port: MONITOR_PORT,
  };
  const idle = await measureIdle(options);
  const shares = await measureSharedGroup(options);
  console.log(
    '| monitor | targets | checks a second | in flight | resident, MB | beyond idle, MB | its own, MB | of one processor |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  const beyondIdle = (share: MonitorShare): number => share.residentMb - idle.residentMb;
  for (const [index, share] of [idle, ...shares].entries()) {
    const { polled, checksPerSecond, inFlight, residentMb, privateMb, cpu } = share;
    const cells = [
      index === 0 ? 'idle' : index,
      polled,
      checksPerSecond.toFixed(0),
      inFlight,
      residentMb.toFixed(0),
      index === 0 ? '' : beyondIdle(share).toFixed(0),
      privateMb.toFixed(0),
      `${(cpu * 100).toFixed(0)} %`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const most = Math.max(...shares.map(beyondIdle));
  const limit = reckonedMb(options);
  console.log(
    `Beyond what an idle monitor takes: ${most.toFixed(1)} MB at most, ${most <= limit ? 'within' : 'OVER'} the limit of ${limit.toFixed(1)} MB`,
  );
  console.log(
    `(the design reckons 2 KB for each of all ${options.targets} targets and 2 KB for each of ${underWay(options)} checks under way, in each monitor; 1 MB = 1024 KB)`,
  );
}

async function operatorMemory(): Promise<void> {
  console.log('| caches | monitoring config, MB | CDN snapshot, MB | operator, MB | at most, MB |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [caches, cachegroups] of [
    [24, 12],
    [5000, 500],
    [20_000, 2000],
  ] as const) {
    const { monitoringMb, snapshotMb, lastMb, mostMb } = await measureOperatorMemory(caches, cachegroups);
    const figures = [monitoringMb.toFixed(1), snapshotMb.toFixed(1), lastMb.toFixed(0), mostMb.toFixed(0)];
    console.log(`| ${[caches, ...figures].join(' | ')} |`);
  }
}

const measurements: ReadonlyMap<string, () => Promise<void>> = new Map([
  ['poll', pollCosts],
  ['stats', statCosts],
  ['serve', serveRate],
  ['latency', verdictLatency],
  ['assign', assignment],
  ['share', sharedGroup],
  ['operator', () => measureOperator(200, 5000)],
  ['memory', operatorMemory],
]);

/** They take minutes each, and want the machine for themselves. */
const onRequest = ['share', 'operator', 'memory'];

const all = [...measurements.keys()].filter((name) => !onRequest.includes(name));
const chosen = process.argv.length > 2 ? process.argv.slice(2) : all;
for (const name of chosen) {
  const measure = measurements.get(name);
  if (measure === undefined)
    throw new Error(`unknown measurement "${name}": ${[...measurements.keys()].join(', ')}`);
  await measure();
}
