import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Stage } from './demo-stage.ts';
import { showGroups } from './group-stage.ts';
import { freePort } from './listening.ts';
import { numberOption } from './number-option.ts';
import { showOneMonitor } from './single-stage.ts';

const oneDay = 86_400;

const help = `A simulated CDN, three groups of two Traffic Monitors that share it, and things that go wrong.
While it runs, k kills a group and b brings it back.

  --legacy       one monitor that polls the whole CDN
  --seconds N    end after N seconds of showing (default: Ctrl-C ends it)
  --caches N     edges in 12 cities, beside 6 mids (default 60)
  --seed N       another story (default 1)
  --port N       of the first monitor; the next free ones if they are taken (default 8080)
  --monitor F    main file of the monitor (default monitor/main.ts)
`;

/** Runs the demo until `ending` is aborted or its time is over; resolves with the exit code. */
async function demo(ending: AbortController): Promise<number> {
  const { values } = parseArgs({
    options: {
      legacy: { type: 'boolean', default: false },
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
  const edges = numberOption('--caches', values.caches, 60);
  let port = numberOption('--port', values.port, 8080);
  const folder = mkdtempSync(join(tmpdir(), 'simulated-cdn-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const stage: Stage = {
    seed: numberOption('--seed', values.seed, 1),
    seconds: numberOption('--seconds', values.seconds, oneDay),
    ending,
    main: resolve(values.monitor ?? join(dirname(import.meta.dirname), 'monitor', 'main.ts')),
    folder,
    async nextPort() {
      const free = await freePort(port);
      port = free + 1;
      return free;
    },
    cdnWith: (monitors) => ({
      ownPorts: true,
      world: {
        edges,
        mids: 6,
        monitors,
        // Two samples make a rate; more would only make the monitor slower to see one change.
        profile: { historyCount: 2, connectionTimeoutMs: 1000 },
        intervals: { health: 1000, stat: 3000, peers: 1000, trafficOps: 1000 },
      },
    }),
    describe: ({ world, trafficOps }) =>
      `Simulated CDN: ${world.caches.length} caches in ${world.cachegroups.length} cachegroups, Traffic Ops at ${trafficOps.url}`,
  };
  try {
    return await (values.legacy ? showOneMonitor(stage) : showGroups(stage));
  } finally {
    removeFolder();
  }
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
