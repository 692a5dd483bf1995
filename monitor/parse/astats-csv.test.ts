import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { astats } from './astats.ts';
import { forEachCsvLine } from './csv-lines.ts';
import { interfacesOf, LOADAVG, NET_DEV, reasonFor, sampleOf, statsOf } from './testing/payloads.ts';

const SYSTEM = ['inf.name,eth0', 'inf.speed,10000', `proc.net.dev,${NET_DEV}`, `proc.loadavg,${LOADAVG}`];
const csv = (...lines: readonly string[]) => `${lines.join('\n')}\n`;
const without = (key: string) => csv(...SYSTEM.filter((line) => !line.startsWith(`${key},`)));
const sampleOfCsv = (body: string) => sampleOf(astats, body, 'text/csv');

function linesOf(text: string): [string, string][] {
  const lines: [string, string][] = [];
  forEachCsvLine(text, (key, value) => lines.push([key, value]));
  return lines;
}

describe('CSV lines', () => {
  const tables: readonly [text: string, lines: [string, string][]][] = [
    ['', []],
    [
      'a,1\nb,2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a,1\r\nb,2\r\n',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'no comma\na,1\n\nneither\nb,2,3\nnor this',
      [
        ['a', '1'],
        ['b', '2,3'],
      ],
    ],
    [
      ',7\nx,\n',
      [
        ['', '7'],
        ['x', ''],
      ],
    ],
  ];
  for (const [text, lines] of tables) {
    it(JSON.stringify(text), () => assert.deepEqual(linesOf(text), lines));
  }

  it('may be longer than 64 KiB', () => {
    const long = 'x'.repeat(100_000);
    assert.deepEqual(linesOf(`${long},1\nb,2`), [
      [long, '1'],
      ['b', '2'],
    ]);
  });
});

describe('astats in CSV', () => {
  it('says load, interface and traffic', () => {
    const sample = sampleOfCsv(csv('plugin.remap_stats.edge1.demo.cdn.test.out_bytes,900', ...SYSTEM));
    assert.deepEqual(sample.loadAverages, [0.3, 0.12, 0.21]);
    assert.deepEqual(interfacesOf(sample), { eth0: { speedMbps: 10_000, bytesIn: 1000n, bytesOut: 5000n } });
    assert.deepEqual(statsOf(sample), { 'plugin.remap_stats.edge1.demo.cdn.test.out_bytes': 900 });
  });

  it('keeps numbers, texts of proc. and inf.name keys, and nothing of the system', () => {
    const about = ['astatsLoad,1', 'lastReloadRequest,2', 'version,3', 'something,4', 'lastReload,5'];
    const more = [
      'configReloadRequests,6',
      'configReloads,7',
      'other.proc.line,8 of 9',
      'server,9.2.1',
      ',7',
      'x,',
    ];
    assert.deepEqual(statsOf(sampleOfCsv(csv(...SYSTEM, ...about, ...more))), {
      'other.proc.line': '8 of 9',
      '': 7,
    });
  });

  it('cannot ask not to be used', () => {
    assert.equal(sampleOfCsv(csv(...SYSTEM, 'notAvailable,1')).notAvailable, false);
  });

  it('cuts the fraction off a speed', () => {
    const sample = sampleOfCsv(csv(...SYSTEM, 'inf.speed,2500.9'));
    assert.equal(sample.interfaces.get('eth0')?.speedMbps, 2500);
  });

  const refused: readonly [what: string, body: string, reason: string][] = [
    ['nothing', '', "no 'global' data object found in stats_over_http payload"],
    ['no usable line', 'a\nb,c\n', "no 'global' data object found in stats_over_http payload"],
    [
      'no load',
      without('proc.loadavg'),
      "failed to parse loadavg line for cache 'edge-1': no proc.loadavg in Astats response",
    ],
    [
      'a short load',
      csv('proc.loadavg,1 2 3'),
      "parsing loadavg for cache 'edge-1': Expected 6 fields in a loadavg line, got 3",
    ],
    [
      'no interface line',
      without('proc.net.dev'),
      "failed to parse interface line for cache 'edge-1': no proc.net.dev in Astats response",
    ],
    [
      'a short interface line',
      csv(...SYSTEM, 'proc.net.dev,eth0:1 2'),
      "failed to parse interface line for cache 'edge-1': Expected at least 9 /proc/net/dev fields, got 2",
    ],
    [
      'no interface name',
      without('inf.name'),
      "failed to parse inf line for cache 'edge-1': no inf.name in Astats response",
    ],
    [
      'another interface',
      csv(...SYSTEM, 'inf.name,eth9'),
      "/proc/net/dev line didn't match reported interface line",
    ],
    [
      'no speed',
      without('inf.speed'),
      "failed to parse interface speed line for cache 'edge-1': no inf.speed in Astats response",
    ],
    [
      'a speed that is no number',
      csv(...SYSTEM, 'inf.speed,NaN'),
      "failed to parse interface speed line for cache 'edge-1': no inf.speed in Astats response",
    ],
  ];
  for (const [what, body, reason] of refused) {
    it(`cannot be read: ${what}`, () => assert.equal(reasonFor(astats, body, 'text/csv'), reason));
  }
});
