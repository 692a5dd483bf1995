import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunContext } from './canonical.ts';
import { Counter } from './counter.ts';
import type { Json } from './json.ts';
import { canSumTo, followsTokens, match } from './matchers.ts';

function served(...values: number[]): Counter {
  const counter = new Counter({});
  counter.served.push(...values);
  return counter;
}

const context: RunContext = {
  ports: new Map(),
  dir: '/scratch',
  actors: new Map([
    ['edge-1', { counters: new Map([['tx', served(100, 2400000)]]) }],
    ['edge-2', { counters: new Map([['tx', served(7, 9)]]) }],
  ]),
};
const now = Date.now();

const fitting: [string, Json][] = [
  ['@any', null],
  ['@string', ''],
  ['@nonempty', 'x'],
  ['@bool', false],
  ['@re ^a.c$', 'a\nc'],
  ['@int 0..10', 10],
  ['@int 5.. d', '5'],
  ['@num ..1', -0.5],
  ['@~ 1000 12%', 1119],
  ['@~ 1000 5 f6', '1004.900000'],
  ['@time', new Date(now).toISOString()],
  ['@time', new Date(now).toISOString().replace('Z', '123456Z')],
  ['@date', 'Sat Nov 21 10:00:00 UTC 2026'],
  ['@ms', now],
  ['@sec', Math.floor(now / 1000)],
  ['@served edge-1:tx d', '100'],
  ['@served edge-1:tx g', '2.4e+06'],
  ['@sum edge-1:tx + edge-2:tx d', '107'],
  ['@oneof ["a <num>",[1]]', 'a 1.5'],
  ['@oneof ["a <num>",[1]]', [1]],
];
for (const [matcher, value] of fitting) {
  test(`${matcher} takes ${JSON.stringify(value)}`, () => assert.equal(match(matcher, value, context), null));
}

const unfitting: [string, Json | undefined][] = [
  ['@any', undefined],
  ['@nonempty', ''],
  ['@bool', 'true'],
  ['@int 0..10', 11],
  ['@int 0..10', 1.5],
  ['@int 0..10', '5'],
  ['@~ 1000 12%', 1121],
  ['@~ 1000 12% d', 1000],
  ['@time', '2020-01-01T00:00:00Z'],
  ['@ms', now - 300_000],
  ['@sec', now],
  ['@served edge-1:tx d', '101'],
  ['@served edge-1:tx d', 100],
  ['@sum edge-1:tx + edge-2:tx d', '108'],
  ['@oneof ["a"]', 'b'],
];
for (const [matcher, value] of unfitting) {
  test(`${matcher} refuses ${JSON.stringify(value)}`, () => {
    assert.equal(typeof match(matcher, value, context), 'string');
  });
}

test('@between looks at the keys next to it', () => {
  const parent = { low: 1, high: 3 };
  assert.equal(match('@between low high', 2, context, parent), null);
  assert.notEqual(match('@between low high', 4, context, parent), null);
});

test('a fault of an expectation is an error, not a misfit', () => {
  assert.throws(() => match('@nonsense', 1, context), /unknown matcher/);
  assert.throws(() => match('@served edge-9:tx d', '1', context), /no counter edge-9:tx/);
});

test('tokens stand for classes of texts; the rest is literal', () => {
  assert.ok(followsTokens('(<poller>) <num>%', '(stat) -1.5e+06%'));
  assert.ok(followsTokens('fetch error: <text>', 'fetch error: line\nline'));
  assert.ok(!followsTokens('a.<num>', 'ab1'));
});

test('a sum takes one number of each list', () => {
  assert.ok(canSumTo(12, [[1, 5], [7]]));
  assert.ok(!canSumTo(6, [[1, 5], [7]]));
  assert.ok(canSumTo(0, []));
});
