import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cachegroupName, monitorName } from '../common/ids.ts';
import { direct } from './director.ts';
import { freePort } from './listening.ts';
import { writeMonitorFiles } from './monitor-files.ts';
import { MonitorProcess } from './monitor-process.ts';
import { MonitorView } from './monitor-view.ts';
import { Narrator } from './narrator.ts';
import { numberOption } from './number-option.ts';
import { planScenario } from './scenario-script.ts';
import { SimulatedCdn } from './simulated-cdn.ts';
import type { WorldMonitor } from './world-parts.ts';

const readyWithinMs = 60_000;
const oneDay = 86_400;

const help = `A simulated CDN, a Traffic Monitor that watches it, and things that go wrong.

  --seconds N    end after N seconds of showing (default: Ctrl-C ends it)
  --caches N     edges in 12 cities, beside 6 mids (default 60)
  --seed N       another story (default 1)
  --port N       of the monitor; the next free one if it is taken (default 8080)
  --monitor F    main file of the monitor (default monitor/main.ts)
`;

/** Runs the demo until `ending` is aborted or its time is over; resolves with the exit code. */
async function demo(ending: AbortController): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      caches: { type: 'string' },
      seed: { type: 'string' },
      port: { type: 'string' },
      monitor: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const seconds = numberOption('--seconds', values.seconds, oneDay);
  const edges = numberOption('--caches', values.caches, 60);
  const seed = numberOption('--seed', values.seed, 1);
  const port = await freePort(numberOption('--port', values.port, 8080));
  const main = resolve(values.monitor ?? join(dirname(import.meta.dirname), 'monitor', 'main.ts'));

  const cdn = await SimulatedCdn.start({
    ownPorts: true,
    world: {
      edges,
      mids: 6,
      monitors: [monitorAt(port)],
      // Two samples make a rate; more would only make the monitor slower to see one change.
      profile: { historyCount: 2, connectionTimeoutMs: 1000 },
      intervals: { health: 1000, stat: 3000, peers: 2000, trafficOps: 1000 },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'simulated-cdn-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  try {
    const files = await writeMonitorFiles(folder, cdn.trafficOps, monitorAt(port));
    const monitor = new MonitorProcess(main, files);
    process.once('exit', () => monitor.kill());
    try {
      return await show({ cdn, monitor, url: `http://127.0.0.1:${port}`, seed, seconds, ending });
    } finally {
      await monitor.stop();
    }
  } finally {
    await cdn.close();
    removeFolder();
  }
}

interface Stage {
  readonly cdn: SimulatedCdn;
  readonly monitor: MonitorProcess;
  readonly url: string;
  readonly seed: number;
  readonly seconds: number;
  readonly ending: AbortController;
}

async function show({ cdn, monitor, url, seed, seconds, ending }: Stage): Promise<number> {
  let lost: string | null = null;
  monitor.ended.then((how) => {
    lost = how;
    ending.abort();
  });
  const { world } = cdn;
  console.log(
    `Simulated CDN: ${world.caches.length} caches in ${world.cachegroups.length} cachegroups, Traffic Ops at ${cdn.trafficOps.url}\n` +
      `Traffic Monitor starting at ${url}`,
  );
  const view = new MonitorView(url);
  const startedAt = performance.now();
  while (!ending.signal.aborted && !(await view.isReady())) {
    if (performance.now() - startedAt > readyWithinMs) {
      lost = `did not get ready within ${readyWithinMs / 1000} s`;
      break;
    }
    await pause(100, ending.signal);
  }
  if (lost === null && !ending.signal.aborted) {
    console.log(`It knows all caches after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
    console.log(
      `Look at   ${url}/                    the page\n` +
        `          ${url}/publish/CrStates    what Traffic Router reads\n` +
        `          ${url}/publish/EventLog    what changed\n` +
        '          Ctrl-C ends everything.\n',
    );
    await narrate(cdn, view, { seed, seconds, ending });
  }
  if (lost === null) return 0;
  console.error(`\nThe monitor ${lost}. Its last output:\n${monitor.lastOutput || '(it said nothing)'}`);
  return 1;
}

async function narrate(
  cdn: SimulatedCdn,
  view: MonitorView,
  { seed, seconds, ending }: Pick<Stage, 'seed' | 'seconds' | 'ending'>,
): Promise<void> {
  const startedAt = performance.now();
  const narrator = new Narrator((line) => console.log(line), startedAt);
  // What it found at its start is no news.
  let lastIndex = (await view.eventsAfter(-1)).at(-1)?.index ?? -1;
  const stop = direct(cdn, planScenario(cdn.world, { seed, seconds }), {
    onStep: (step) => narrator.step(step, performance.now()),
    onNewEdge: (name) => narrator.newEdge(name, performance.now()),
    onError: (error) => {
      console.error('The simulated CDN failed:', error);
      process.exitCode = 1;
      ending.abort();
    },
  });
  try {
    let countedAt = Number.NEGATIVE_INFINITY;
    while (!ending.signal.aborted && performance.now() - startedAt < seconds * 1000) {
      for (const event of await view.eventsAfter(lastIndex)) {
        lastIndex = event.index;
        narrator.event(event, performance.now());
      }
      if (performance.now() - countedAt > 3000 && !ending.signal.aborted) {
        countedAt = performance.now();
        narrator.counts(await view.counts(), countedAt);
      }
      await pause(narrator.awaiting ? 25 : 250, ending.signal);
    }
  } finally {
    stop();
  }
}

function monitorAt(port: number): WorldMonitor {
  return {
    name: monitorName('tm-demo'),
    fqdn: 'localhost',
    ip: '127.0.0.1',
    port,
    cachegroup: cachegroupName('new-york'),
    status: 'ONLINE',
  };
}

/** Sleeps; an abort wakes it up and is no error. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
// Whoever read the story has gone away (`| head`).
process.stdout.on('error', () => ending.abort());
try {
  const code = await demo(ending);
  process.exitCode ||= code;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
