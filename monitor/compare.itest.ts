import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { SimulatedCdn } from '../sim/simulated-cdn.ts';
import { ask } from './testing/asking.ts';
import { MonitorFolder } from './testing/monitor-child.ts';
import { freePort, httpServer } from './testing/servers.ts';
import { until } from './testing/waiting.ts';

/** The comparison as people run it. */
class Comparison {
  output = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(t: TestContext, ...args: readonly string[]) {
    const program = join(import.meta.dirname, 'compare.ts');
    this.#child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
    t.after(async () => {
      this.#child.kill('SIGKILL');
      await this.ended;
    });
  }

  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.ended;
  }
}

/** A monitor that says of its only cache what the test wants. */
async function monitor(t: TestContext) {
  const monitor = { isAvailable: true, status: 200 };
  const { port } = await httpServer(t, (_request, response: ServerResponse) => {
    const { isAvailable, status } = monitor;
    const cache = { isAvailable, ipv4Available: isAvailable, ipv6Available: false, status: 'told' };
    response.writeHead(status);
    response.end(
      status === 200 ? JSON.stringify({ caches: { 'edge-1': cache }, deliveryServices: {} }) : 'not now',
    );
  });
  return { monitor, url: `http://127.0.0.1:${port}` };
}

describe('node monitor/compare.ts', { concurrency: 2 }, () => {
  it('finds that two monitors of one CDN agree', async (t) => {
    const cdn = await SimulatedCdn.start({
      world: { edges: 6, cachegroups: 2, intervals: { health: 300, trafficOps: 500 } },
    });
    t.after(() => cdn.close());
    const folders = await Promise.all([MonitorFolder.create(t, cdn), MonitorFolder.create(t, cdn)]);
    const [ours, theirs] = folders.map(({ port }) => `http://127.0.0.1:${port}`);
    for (const folder of folders) await folder.untilOpen(folder.start(t));
    const comparison = new Comparison(
      t,
      ...['--ours', `${ours}`, '--theirs', `${theirs}`, '--interval', '100', '--seconds', '3'],
    );
    // The cache fails in the meantime: for both, but not at the same moment.
    const [cache] = cdn.world.caches;
    assert.ok(cache);
    await until('samples are taken', () => comparison.output.includes('comparing every 100 ms'), 20_000);
    await cdn.farm.update(cache.name, { behaviour: { kind: 'reset' } });
    assert.equal(await comparison.ended, 0, comparison.output);
    assert.match(comparison.output, /^\d+ samples compared in [3-9]\.\d s, 0 not compared/m);
    assert.match(comparison.output, /^AGREE: tolerance 5\.0 s$/m);
  });

  it('reports what two monitors disagree about, and tells it as metrics', async (t) => {
    const ours = await monitor(t);
    const theirs = await monitor(t);
    const port = await freePort();
    const comparison = new Comparison(
      t,
      ...['--ours', ours.url, '--theirs', theirs.url, '--interval', '50', '--tolerance', '200'],
      ...['--metrics-port', `${port}`],
    );
    const metric = async (line: RegExp): Promise<boolean> =>
      line.test((await ask({ port, path: '/metrics' })).text);
    await until('metrics are served', () => comparison.output.includes('metrics at port'), 20_000);
    await until('samples agree', () => metric(/^tm_compare_samples_total{result="agreed"} [1-9]/m));
    theirs.monitor.isAvailable = false;
    await until('it is told', () => comparison.output.includes('DISAGREE cache edge-1 isAvailable since '));
    assert.ok(await metric(/^tm_compare_open_disagreements{kind="cache"} 1$/m));
    theirs.monitor.isAvailable = true;
    await until('its end is told', () =>
      comparison.output.includes('OVER     cache edge-1 isAvailable, after'),
    );
    assert.ok(await metric(/^tm_compare_disagreements_total{kind="cache",length="long"} 1$/m));

    theirs.monitor.status = 503;
    await until('a monitor that does not answer is told', () =>
      comparison.output.includes('NOT COMPARED theirs does not answer: status 503: not now'),
    );
    assert.ok(await metric(/^tm_compare_side_up{side="theirs"} 0$/m));
    assert.equal(await comparison.interrupt(), 1, comparison.output);
    assert.match(comparison.output, /^cache isAvailable +0 +1 /m);
    assert.match(comparison.output, /^DISAGREED: tolerance 0\.2 s$/m);
  });

  it('ends with 2 when a monitor never answers', async (t) => {
    const ours = await monitor(t);
    const nobody = await freePort();
    const comparison = new Comparison(
      t,
      ...['--ours', ours.url, '--theirs', `http://127.0.0.1:${nobody}`, '--interval', '50', '--seconds', '1'],
    );
    assert.equal(await comparison.ended, 2);
    assert.match(comparison.output, /theirs does not answer: .*ECONNREFUSED/);
  });

  it('ends with 2 and says how to call it when it is called wrongly', async (t) => {
    const comparison = new Comparison(t, '--ours', 'http://127.0.0.1:1');
    assert.equal(await comparison.ended, 2);
    assert.match(comparison.output, /^the argument --theirs is required[\s\S]*--tolerance MS/);
  });
});
