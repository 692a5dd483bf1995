import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheName } from '../../common/ids.ts';
import { formatNamed } from './formats.ts';
import type { ParseOutcome } from './sample.ts';
import { ShapeMemory } from './shape-memory.ts';
import { LOADAVG, NET_DEV } from './testing/payloads.ts';

const SYSTEM = { 'inf.name': 'eth0', 'inf.speed': 10, 'proc.net.dev': NET_DEV, 'proc.loadavg': LOADAVG };
const PREFIX = 'plugin.system_stats';
const GLOBAL = {
  [`${PREFIX}.loadavg.one`]: '1',
  [`${PREFIX}.loadavg.five`]: 2,
  [`${PREFIX}.loadavg.fifteen`]: 3,
  [`${PREFIX}.current_processes`]: 4,
  [`${PREFIX}.net.eth0.rx_bytes`]: 12345,
  [`${PREFIX}.net.eth0.tx_bytes`]: '18446744073709551615',
};

type FormatName = 'astats' | 'stats_over_http';

/** A payload of that format, each statistic written as it is given. */
function payload(
  format: FormatName,
  stats: Iterable<readonly [name: string, json: string]>,
  tail = '',
): string {
  const members = [...stats].map(([name, json]) => `${JSON.stringify(name)}: ${json}`);
  if (format === 'astats') {
    return `{ "ats": {\n  ${members.join(',\n  ')}\n},"system":${JSON.stringify(SYSTEM)}${tail}}`;
  }
  const system = Object.entries(GLOBAL).map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
  return `{"global":{${[...members, ...system].join(',')}}${tail}}`;
}

const NAMES = Array.from({ length: 120 }, (_, i) => `proxy.process.http.sample_${i}`);
const plain = (value: unknown) => NAMES.map((name) => [name, JSON.stringify(value)] as const);

function parse(format: string, body: Buffer, shapes?: ShapeMemory, cache = 'edge-1'): ParseOutcome {
  const known = formatNamed(format);
  assert.ok(known !== undefined);
  const memory = shapes === undefined ? {} : { shapes };
  return known.parse({ cache: cacheName(cache), body, contentType: '', ...memory });
}

/** All that an outcome says, in a form that can be compared. */
function told(outcome: ParseOutcome): unknown {
  if (outcome.kind === 'error') return outcome;
  const { stats, ...rest } = outcome.sample;
  const entries: unknown[] = [];
  stats.forEach((value, name) => {
    entries.push([name, value]);
    assert.deepEqual(stats.get(name), value);
  });
  return { ...rest, entries };
}

/** A memory that has learned this body's shape. */
function memoryOf(format: FormatName, body: string): ShapeMemory {
  const shapes = new ShapeMemory();
  parse(format, Buffer.from(body), shapes);
  return shapes;
}

const formats = fc.constantFrom<FormatName[]>('astats', 'stats_over_http');

const json = fc.oneof(
  { weight: 3, arbitrary: fc.nat().map(String) },
  fc.bigInt({ min: 0n, max: 2n ** 65n }).map(String),
  fc.double().map((value) => JSON.stringify(value) ?? '0'),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.bigInt({ min: 0n, max: 2n ** 60n }).map((value) => `"${value}"`),
  fc.constantFrom('true', 'false', 'null', '-0', '0', '"0"', '"00"', '"-1"', '1e5', '1E+05', '0.50', '1e999'),
  // What is no JSON, or no statistic.
  fc.constantFrom(
    '00',
    '01',
    '+1',
    '1.',
    '.5',
    '1e',
    '-',
    'nul',
    'tru',
    '"',
    '"a\\',
    '[]',
    '{}',
    '{"a":1}',
    '',
  ),
  fc.constantFrom('"a\tb"', '"\\u0041"', '1,"more":2', '1}', '12345678901234567890', `${'9'.repeat(200)}`),
);

describe('the shape of payloads', () => {
  it('changes nothing in what is read: other values', () => {
    let shaped = 0;
    const property = fc.property(
      formats,
      fc.array(fc.tuple(fc.nat(NAMES.length - 1), json), { maxLength: 4 }),
      (format, changes) => {
        const shapes = memoryOf(format, payload(format, plain(1)));
        const stats = plain(12345).map((entry) => [...entry] as [string, string]);
        for (const [at, value] of changes) {
          const entry = stats[at];
          if (entry !== undefined) entry[1] = value;
        }
        const body = Buffer.from(payload(format, stats));
        if (shapes.read(cacheName('edge-1'), body) !== null) shaped++;
        assert.deepEqual(told(parse(format, body, shapes)), told(parse(format, body)));
      },
    );
    fc.assert(property, { numRuns: 1000 });
    assert.ok(shaped > 100, `only ${shaped} bodies were read by their shape`);
  });

  it('changes nothing in what is read: bytes changed, left out and put in', () => {
    const property = fc.property(
      formats,
      fc.array(fc.tuple(fc.nat(8000), fc.integer({ min: -1, max: 255 }), fc.boolean()), {
        minLength: 1,
        maxLength: 3,
      }),
      (format, changes) => {
        const original = payload(format, plain(1));
        let body = Buffer.from(original);
        for (const [place, byte, instead] of changes) {
          const at = place % body.length;
          const put = byte < 0 ? [] : [byte];
          body = Buffer.concat([
            body.subarray(0, at),
            Buffer.from(put),
            body.subarray(instead ? at + 1 : at),
          ]);
        }
        assert.deepEqual(told(parse(format, body, memoryOf(format, original))), told(parse(format, body)));
      },
    );
    fc.assert(property, { numRuns: 1500 });
  });

  const tails: readonly string[] = [
    ',"ats":{"other":1}',
    ',"ats":{}',
    ',"global":{"other":1}',
    ',"ATS":{"other":1}',
    ',"system":{}',
    ',"System":5',
    ',"system":[[[]]]',
    ',',
    ',,"a":1',
    ' ,\t"a":1 ',
    '}}}',
    '} trailing "{[',
    ',"__proto__":{"ats":{}}',
    `,"deep":${'['.repeat(70)}${']'.repeat(70)}`,
    '\u00a0',
    ',\u00a0"a":1',
  ];
  for (const format of ['astats', 'stats_over_http'] as const) {
    for (const tail of tails) {
      it(`changes nothing in what is read: ${format} that ends in ${JSON.stringify(tail.slice(0, 30))}`, () => {
        const body = Buffer.from(payload(format, plain(7), tail));
        const shapes = memoryOf(format, payload(format, plain(1)));
        assert.deepEqual(told(parse(format, body, shapes)), told(parse(format, body)));
      });
    }
  }

  it('is not made of names that come twice, nested values, numbers for names, or few statistics', () => {
    const bodies = [
      payload('astats', [...plain(1), ...plain(2).slice(0, 1)]),
      payload('astats', [...plain(1), ['nested', '{}']]),
      payload('astats', [...plain(1), ['17', '1'], ['5', '1']]),
      payload('astats', [...plain(1), ['system.inf.speed', '1']]),
      payload('astats', plain(1).slice(0, 20)),
      payload('astats', plain(1)).replace('"ats"', '"a":1,"ats"'),
    ];
    for (const body of bodies) {
      const shapes = memoryOf('astats', body);
      assert.equal(shapes.size, 0, body.slice(0, 60));
      assert.deepEqual(
        told(parse('astats', Buffer.from(body), shapes)),
        told(parse('astats', Buffer.from(body))),
      );
    }
  });

  it('keeps 64-bit interface counters exact, as texts and as numbers', () => {
    const name = `${PREFIX}.net.eth1.rx_bytes`;
    for (const digits of ['18446744073709551615', '"18446744073709551615"']) {
      const body = payload('stats_over_http', [...plain(1), [name, digits]]);
      const shapes = memoryOf('stats_over_http', payload('stats_over_http', [...plain(1), [name, '1']]));
      const outcome = parse('stats_over_http', Buffer.from(body), shapes);
      assert.equal(
        outcome.kind === 'sample' && outcome.sample.interfaces.get('eth1')?.bytesIn,
        2n ** 64n - 1n,
      );
    }
  });

  it('is shared by caches whose payloads look alike, and takes memory once', () => {
    const shapes = memoryOf('astats', payload('astats', plain(1)));
    const { size } = shapes;
    assert.ok(size > 0);
    parse('astats', Buffer.from(payload('astats', plain(2))), shapes, 'edge-2');
    assert.equal(shapes.size, size);
    shapes.keepOnly(new Set([cacheName('edge-2')]));
    assert.equal(shapes.size, size);
    shapes.keepOnly(new Set());
    assert.equal(shapes.size, 0);
  });

  it('stays when a small payload of the same cache comes in between, as health polls bring it', () => {
    const [large, small] = [payload('astats', plain(1)), payload('astats', plain(1).slice(0, 3))].map(
      (text) => Buffer.from(text),
    );
    assert.ok(large !== undefined && small !== undefined);
    const shapes = new ShapeMemory();
    parse('astats', large, shapes);
    const { size } = shapes;
    for (let turn = 0; turn < 10; turn++) {
      parse('astats', small, shapes);
      assert.equal(shapes.size, size);
    }
    assert.ok(shapes.read(cacheName('edge-1'), large) !== null);
  });

  it('is learned anew when it has changed, ever more rarely if it changes all the time', () => {
    const shapes = new ShapeMemory();
    const learned = new Set<number>();
    for (let turn = 0; turn < 64; turn++) {
      const stats = [...plain(1), [`${'x'.repeat(turn)}y`, '1'] as const];
      parse('astats', Buffer.from(payload('astats', stats)), shapes);
      learned.add(shapes.size);
    }
    assert.ok(learned.size <= 8, `${learned.size} shapes were learned`);
    const steady = Buffer.from(payload('astats', plain(1)));
    for (let turn = 0; turn < 65; turn++) parse('astats', steady, shapes);
    assert.ok(shapes.read(cacheName('edge-1'), steady) !== null);
  });

  it('is not learned beyond the limit of memory', () => {
    const shapes = new ShapeMemory(10_000);
    for (let cache = 0; cache < 10; cache++) {
      const stats = [...plain(1), [`of.cache.${cache}`, '1'] as const];
      const body = Buffer.from(payload('astats', stats));
      assert.deepEqual(told(parse('astats', body, shapes, `edge-${cache}`)), told(parse('astats', body)));
    }
    assert.ok(shapes.size > 0 && shapes.size < 20_000, String(shapes.size));
  });
});
