import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheName } from '../common/ids.ts';
import { Narrator } from './narrator.ts';

test('a reaction is told with its time, a surprise without', () => {
  const lines: string[] = [];
  const narrator = new Narrator((line) => lines.push(line), 10_000);
  const name = cacheName('edge-london-01');
  const event = { index: 1, name, type: 'EDGE', isAvailable: false };
  narrator.step(
    {
      atMs: 1500,
      text: `${name} is overloaded`,
      action: { kind: 'caches', caches: [name], state: { loadAverage: 40 }, available: false },
    },
    11_500,
  );
  assert.equal(narrator.awaiting, true);
  const description = 'Protocol (IPv4) REPORTED - loadavg too high (40.00 > 25.00) (health) ';
  narrator.event({ ...event, description }, 'monitor', 12_150);
  assert.equal(narrator.awaiting, false);
  narrator.event(
    { ...event, description: 'Protocol (IPv4) REPORTED - available (stat) ', isAvailable: true },
    'amer-0',
    13_000,
  );
  const url = 'http://127.1.0.9/_astats?application=system';
  const fetchError = `id ${name} url ${url} fetch error: Get "${url}": connection refused; bond0: not found in polled data`;
  narrator.event(
    { ...event, description: `Protocol (IPv4) REPORTED - ${fetchError} (health) ` },
    'monitor',
    13_050,
  );
  narrator.counts({ caches: 66, available: 65 }, 13_100);
  narrator.counts({ caches: 66, available: 65 }, 16_100);
  narrator.counts(null, 19_000);
  assert.deepEqual(lines, [
    '   1.5 s  done     edge-london-01 is overloaded',
    '   2.1 s  monitor  edge-london-01 unavailable: REPORTED - loadavg too high (40.00 > 25.00)  [after 650 ms]',
    '   3.0 s  amer-0   edge-london-01 available: REPORTED - available',
    '   3.0 s  monitor  edge-london-01 unavailable: REPORTED - fetch error: connection refused',
    '   3.1 s  counts   66 caches, 65 available, 1 not',
    '   9.0 s  counts   the monitor does not answer',
  ]);
});
