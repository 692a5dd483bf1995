import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheName } from '../../common/ids.ts';
import { cpuMs } from '../../common/testing/cpu-time.ts';
import { FORMATS, formatNamed } from './formats.ts';
import type { ParseOutcome, PayloadFormat } from './sample.ts';
import { LOADAVG, NET_DEV } from './testing/payloads.ts';

const CACHE = cacheName('edge-1');
const SYSTEM = { 'inf.name': 'eth0', 'inf.speed': 10, 'proc.net.dev': NET_DEV, 'proc.loadavg': LOADAVG };
const PREFIX = 'plugin.system_stats';
const GLOBAL = {
  [`${PREFIX}.loadavg.one`]: '1',
  [`${PREFIX}.loadavg.five`]: 2,
  [`${PREFIX}.loadavg.fifteen`]: 3,
  [`${PREFIX}.current_processes`]: 4,
  [`${PREFIX}.net.eth0.rx_bytes`]: 9007199254740995n,
  [`${PREFIX}.timestamp_ms`]: '1700000000000',
};
const csv = (table: object) =>
  Object.entries(table)
    .map(([key, value]) => `${key},${value}\n`)
    .join('');
const json = (value: unknown) =>
  JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? Number(v) : v)) ?? 'undefined';

const VALID: readonly (readonly [format: string, contentType: string, body: string])[] = [
  ['astats', '', json({ ats: { server: '9', [`${PREFIX}.timestamp_ms`]: 7 }, system: SYSTEM })],
  ['stats_over_http', '', json({ global: GLOBAL })],
  ['vstats', '', json({ ...SYSTEM, not_available: false, inf_speed: 10, stats: { a: 1 } })],
  ['astats', 'text/csv', csv(SYSTEM)],
  ['stats_over_http', 'text/csv', csv(GLOBAL)],
];
/** For what takes some ms if the time is linear in the body, and minutes if it is not. */
const LONG_MS = 2000;

const contentTypes = fc.constantFrom('', 'application/json', 'text/csv', 'Text/CSV; x=y', 'text/html', ';;;');
const hostileNumbers = fc.constantFrom<unknown>(
  ...[
    -1,
    -0,
    0.5,
    2 ** 53,
    2 ** 63,
    2 ** 64,
    1e308,
    -1e308,
    '1e999',
    '-0',
    'NaN',
    '-inf',
    '0x1',
    '9'.repeat(400),
  ],
  ...[null, true, '', ' ', {}, []],
);
const bytes = (text: string) => Buffer.from(text);

/** Some values of a valid payload replaced by unfit ones. */
const spoilt = fc
  .tuple(fc.constantFrom(SYSTEM, GLOBAL), fc.array(fc.tuple(fc.nat(9), hostileNumbers), { minLength: 1 }))
  .map(([table, changes]) => {
    const entries: [string, unknown][] = Object.entries(table);
    for (const [at, value] of changes) {
      const entry = entries[at % entries.length];
      if (entry !== undefined) entry[1] = value;
    }
    return Object.fromEntries(entries);
  });

const mutated = fc
  .tuple(
    fc.constantFrom(...VALID),
    fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.nat(2000),
  )
  .map(([[, , text], changes, cut]) => {
    const body = bytes(text);
    for (const [at, byte] of changes) body[at % body.length] = byte;
    return body.subarray(0, cut);
  });

const bodies: Record<string, fc.Arbitrary<Buffer>> = {
  'any bytes': fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  'any text': fc.string({ unit: 'binary', maxLength: 300 }).map(bytes),
  'any JSON': fc.json({ maxDepth: 5 }).map(bytes),
  'any JSON where an object is due': fc
    .tuple(fc.constantFrom('ats', 'system', 'global', 'stats', '__proto__'), fc.jsonValue())
    .map(([key, value]) => bytes(json({ [key]: value }))),
  'valid payloads with bytes changed and the end cut off': mutated,
  'hostile numbers in JSON': spoilt.map((table) =>
    bytes(json({ ats: table, system: table, global: table, ...table })),
  ),
  'hostile numbers in CSV': spoilt.map((table) => bytes(csv(table))),
};

describe('a hostile body', () => {
  it('begins as a valid one, or these tests would show nothing', () => {
    for (const [format, contentType, body] of VALID) {
      assert.equal(
        formatNamed(format)?.parse({ cache: CACHE, body: bytes(body), contentType }).kind,
        'sample',
      );
    }
  });

  for (const [what, body] of Object.entries(bodies)) {
    it(`never gets more than a reason: ${what}`, () => {
      const anyParse = fc.property(
        body,
        contentTypes,
        fc.constantFrom(...FORMATS),
        (payload, contentType, format) => {
          checkOutcome(parse(format, payload, contentType));
        },
      );
      fc.assert(anyParse, { numRuns: 600 });
    });
  }

  const SIZE = 1 << 18;
  const global = json({ global: GLOBAL }).slice(0, -2);
  const counters = Array.from({ length: 5000 }, (_, i) => `"${PREFIX}.net.if${i}.rx_bytes":9007199254740993`);
  const bulky: Record<string, string> = {
    'opening brackets': '['.repeat(SIZE),
    'opening objects': '{"a":'.repeat(SIZE / 5),
    'flat brackets': `{"ats":{"a":[${'{},'.repeat(SIZE / 3)}0]}}`,
    'brackets in a string': `{"ats":"${'{'.repeat(SIZE)}"}`,
    'a string without end': `{"${'\\"'.repeat(SIZE / 2)}`,
    'objects one after the other': '{}'.repeat(SIZE / 2),
    'lines without a comma': `${'a\n'.repeat(SIZE / 2)},`,
    commas: ','.repeat(SIZE),
    newlines: '\n'.repeat(SIZE),
    'digits in a line': `inf.speed,${'9'.repeat(SIZE)}x`,
    'digits in an interface': json({
      system: { ...SYSTEM, 'proc.net.dev': `eth0:${'9'.repeat(SIZE)} 0 0 0 0 0 0 0 1` },
    }),
    'spaces in an interface': json({ system: { ...SYSTEM, 'proc.net.dev': `eth0:${' '.repeat(SIZE)}` } }),
    'digits of a counter': `${global},"${PREFIX}.net.eth1.rx_bytes":${'9'.repeat(SIZE)}}}`,
    'inexact counters by the thousand': `${global},${counters.join()}}}`,
    'look-alikes of an inexact counter': `${global},"a":"${`${PREFIX}.net.`.repeat(SIZE / 24)}"}}`,
    'look-alikes without end': `${global},"a":"${`\\"${PREFIX}.net.x`.repeat(SIZE / 27)}"}}`,
  };
  for (const [what, body] of Object.entries(bulky)) {
    it(`is read or refused in linear time: ${what}`, () => {
      for (const format of FORMATS) {
        for (const contentType of ['', 'text/csv']) {
          const start = cpuMs();
          checkOutcome(parse(format, bytes(body), contentType));
          assert.ok(cpuMs() - start < LONG_MS, `${format.name} took too long`);
        }
      }
    });
  }
});

function parse(format: PayloadFormat, body: Buffer, contentType: string): ParseOutcome {
  return format.parse({ cache: CACHE, body, contentType });
}

/** A reason is a short text; a sample holds what its type promises, and its view can be walked. */
function checkOutcome(outcome: ParseOutcome): void {
  if (outcome.kind === 'error') {
    assert.ok(outcome.reason.length > 0 && outcome.reason.length < 1000, outcome.reason.slice(0, 100));
    return;
  }
  const { loadAverages, interfaces, timestampMs, stats } = outcome.sample;
  assert.ok(loadAverages.every((average) => typeof average === 'number'));
  assert.ok(interfaces.size > 0);
  for (const { speedMbps, bytesIn, bytesOut } of interfaces.values()) {
    assert.ok(Number.isInteger(speedMbps));
    assert.ok(bytesIn >= 0n && bytesIn < 2n ** 64n && bytesOut >= 0n && bytesOut < 2n ** 64n);
  }
  assert.ok(timestampMs === null || !Number.isNaN(new Date(timestampMs).getTime()));
  stats.forEach((value, name) => {
    assert.deepEqual(stats.get(name), value);
  });
}
