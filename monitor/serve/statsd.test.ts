import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { describe, it, type TestContext } from 'node:test';
import { cachegroupName } from '../../common/ids.ts';
import { cacheServer } from '../testing/configs.ts';
import { sleep, until } from '../testing/waiting.ts';
import { type CollectedMetric, MetricsRegistry } from './metrics-registry.ts';
import { StatsdSender } from './statsd.ts';
import { monitorOf } from './testing/figures.ts';

/** A statsd that keeps the lines it gets. */
async function statsd(t: TestContext) {
  const lines: string[] = [];
  let packets = 0;
  const socket = createSocket('udp4');
  socket.on('message', (packet) => {
    packets++;
    lines.push(...packet.toString().split('\n').filter(Boolean));
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.after(() => socket.close());
  return { lines, packets: () => packets, address: { host: '127.0.0.1', port: socket.address().port } };
}

function senderOf(t: TestContext, collect: () => Promise<readonly CollectedMetric[]>) {
  const errors: string[] = [];
  const log = { error: (message: string) => errors.push(message), warning() {}, info() {}, debug() {} };
  const sender = new StatsdSender({ collect, monitor: () => 'tm-01', log });
  t.after(() => sender.stop());
  return { sender, errors };
}

const metric = (name: string, type: string, value: number, labels = {}): CollectedMetric => ({
  name,
  type,
  help: '',
  lines: [{ name, labels, value }],
});

describe('statsd', { concurrency: true }, () => {
  it('is sent every metric with its labels and the name of the monitor as tags', async (t) => {
    const { lines, address } = await statsd(t);
    const london = cachegroupName('cg-london');
    const { health, figures } = monitorOf([cacheServer('edge-1', { cachegroup: london })]);
    health.ended(london, 2000, 'timeout');
    const registry = new MetricsRegistry({ figures, perCache: () => true });
    const { sender } = senderOf(t, () => registry.collect());
    await sender.apply({ statsdAddress: address, statsdIntervalMs: 100 });
    const awaited = [
      'tm_cachegroup_caches:1|g|#monitor:tm-01,cachegroup:cg-london',
      'tm_poll_failures_total:1|c|#monitor:tm-01,cachegroup:cg-london,poller:health,reason:timeout',
      'tm_poll_duration_seconds_sum:2|c|#monitor:tm-01,cachegroup:cg-london,poller:health',
      'tm_cache_available:0|g|#monitor:tm-01,cache:edge-1,cachegroup:cg-london,type:EDGE',
    ];
    for (const line of awaited) await until(line, () => lines.includes(line));
    assert.equal(lines.filter((line) => line.includes('_bucket')).length, 0);
  });

  it('gets of a counter what was added since it was last sent', async (t) => {
    const { lines, address } = await statsd(t);
    let total = 5;
    const { sender } = senderOf(t, async () => [metric('tm_errors_total', 'counter', total)]);
    await sender.apply({ statsdAddress: address, statsdIntervalMs: 100 });
    await until('the first', () => lines.includes('tm_errors_total:5|c|#monitor:tm-01'));
    total = 7;
    await until('the second', () => lines.includes('tm_errors_total:2|c|#monitor:tm-01'));
    await sleep(250);
    assert.equal(lines.length, 2, 'nothing is sent of what did not change');
  });

  it('gets many lines in few packets', async (t) => {
    const { lines, packets, address } = await statsd(t);
    const labels = Array.from({ length: 2000 }, (_, i) => ({ cache: `edge-${i}` }));
    const many = {
      ...metric('tm_cache_available', 'gauge', 1),
      lines: labels.map((of) => ({ name: 'tm_cache_available', labels: of, value: 1 })),
    };
    const { sender } = senderOf(t, async () => [many]);
    await sender.apply({ statsdAddress: address, statsdIntervalMs: 200 });
    await until('the last cache', () => lines.some((line) => line.includes('cache:edge-1999')));
    assert.ok(packets() < lines.length / 10, `${packets()} packets, ${lines.length} lines`);
  });

  it('follows the settings: elsewhere, then not at all', async (t) => {
    const first = await statsd(t);
    const second = await statsd(t);
    const { sender } = senderOf(t, async () => [metric('tm_ready', 'gauge', 1)]);
    await sender.apply({ statsdAddress: first.address, statsdIntervalMs: 100 });
    await until('the first gets lines', () => first.lines.length > 0);
    await sender.apply({ statsdAddress: second.address, statsdIntervalMs: 100 });
    await until('the second gets lines', () => second.lines.length > 0);
    await sender.apply({ statsdAddress: null, statsdIntervalMs: 100 });
    await sleep(50);
    const before = [first.lines.length, second.lines.length];
    await sleep(300);
    assert.deepEqual([first.lines.length, second.lines.length], before);
  });

  it('that cannot be reached is told once, and nothing is thrown', async (t) => {
    const { sender, errors } = senderOf(t, async () => [metric('tm_ready', 'gauge', 1)]);
    await sender.apply({ statsdAddress: { host: 'nowhere.invalid', port: 8125 }, statsdIntervalMs: 100 });
    await until('it is told', () => errors.length > 0, 20_000);
    await sleep(1500);
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', /^metrics do not reach statsd at nowhere\.invalid:8125: .*statsd_address/);
  });
});
