import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cachegroupName, monitorName } from '../common/ids.ts';
import { direct } from './director.ts';
import { writeMonitorFiles } from './monitor-files.ts';
import { numberOption } from './number-option.ts';
import type { PayloadFormatName } from './payloads/payload.ts';
import { planScenario } from './scenario-script.ts';
import { SimulatedCdn } from './simulated-cdn.ts';
import type { WorldMonitor } from './world-parts.ts';

const help = `A simulated CDN for any Traffic Monitor: Traffic Ops and caches on loopback addresses.

  --caches N               edges (default 60)
  --mids N                 (default 6)
  --cachegroups N          of the edges (default 12)
  --port N                 of the caches (default: a free one)
  --traffic-ops-port N     (default: a free one)
  --monitor-port N         where the monitor will listen (default 8080)
  --format F               astats, stats_over_http, vstats; several with commas (default astats)
  --extra-stats N          entries of a full payload that nobody uses (default 0)
  --health-interval MS     (default 2000)
  --stat-interval MS       (default 6000)
  --own-ports              each cache on a port of its own, so that it can refuse connections
  --ipv6                   caches have the address ::1 as well
  --scenario               let things go wrong, with --seed N (default 1)
  --write-config FOLDER    write traffic_ops.cfg and traffic_monitor.cfg for a monitor
`;

const formats: readonly string[] = ['astats', 'stats_over_http', 'vstats'] satisfies PayloadFormatName[];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      caches: { type: 'string' },
      mids: { type: 'string' },
      cachegroups: { type: 'string' },
      port: { type: 'string' },
      'traffic-ops-port': { type: 'string' },
      'monitor-port': { type: 'string' },
      format: { type: 'string', default: 'astats' },
      'extra-stats': { type: 'string' },
      'health-interval': { type: 'string' },
      'stat-interval': { type: 'string' },
      'own-ports': { type: 'boolean', default: false },
      ipv6: { type: 'boolean', default: false },
      scenario: { type: 'boolean', default: false },
      seed: { type: 'string' },
      'write-config': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const monitor: WorldMonitor = {
    name: monitorName('tm-01'),
    fqdn: 'localhost',
    ip: '127.0.0.1',
    port: numberOption('--monitor-port', values['monitor-port'], 8080),
    cachegroup: cachegroupName('new-york'),
    status: 'ONLINE',
  };
  const cdn = await SimulatedCdn.start({
    cachePort: numberOption('--port', values.port, 0),
    ownPorts: values['own-ports'],
    state: { extraStats: numberOption('--extra-stats', values['extra-stats'], 0) },
    trafficOps: { port: numberOption('--traffic-ops-port', values['traffic-ops-port'], 0) },
    world: {
      edges: numberOption('--caches', values.caches, 60),
      mids: numberOption('--mids', values.mids, 6),
      cachegroups: numberOption('--cachegroups', values.cachegroups, 12),
      formats: readFormats(values.format),
      ipv6: values.ipv6,
      monitors: [monitor],
      intervals: {
        health: numberOption('--health-interval', values['health-interval'], 2000),
        stat: numberOption('--stat-interval', values['stat-interval'], 6000),
      },
    },
  });
  const stopScenario = values.scenario ? runScenario(cdn, numberOption('--seed', values.seed, 1)) : () => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stopScenario();
      void cdn.close();
    });
  }
  describe(cdn);
  const folder = values['write-config'];
  if (folder !== undefined) {
    const files = await writeMonitorFiles(resolve(folder), cdn.trafficOps, monitor);
    console.log(`Monitor       --opsCfg ${files.opsCfg} --config ${files.config}`);
  }
  console.log('Ctrl-C ends it.');
}

function readFormats(text: string): PayloadFormatName[] {
  const names = text.split(',');
  const isFormat = (name: string): name is PayloadFormatName => formats.includes(name);
  const known = names.filter(isFormat);
  if (known.length !== names.length) throw new Error(`--format knows ${formats.join(', ')}, not '${text}'`);
  return known;
}

function describe({ world, trafficOps, farm }: SimulatedCdn): void {
  const first = world.caches[0];
  console.log(
    `Simulated CDN ${world.cdn}: ${world.caches.length} caches in ${world.cachegroups.length} cachegroups\n` +
      `Traffic Ops   ${trafficOps.url}  (user ${trafficOps.username}, password ${trafficOps.password})\n` +
      `Caches        port ${farm.port} unless they have their own` +
      (first === undefined ? '' : `; the first is ${first.name} at ${first.address}:${first.port}`),
  );
}

function runScenario(cdn: SimulatedCdn, seed: number): () => void {
  return direct(cdn, planScenario(cdn.world, { seed, seconds: 86_400 }), {
    onStep: (step) => console.log(`${new Date().toISOString()}  ${step.text}`),
    onNewEdge: (name) => console.log(`${new Date().toISOString()}  the new edge is ${name}`),
    onError: (error) => console.error('The scenario failed:', error),
  });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
