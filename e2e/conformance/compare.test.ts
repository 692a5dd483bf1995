import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical, type RunContext, tellEvents } from './canonical.ts';
import { compare, describe } from './compare.ts';
import type { Json } from './json.ts';

const context: RunContext = { ports: new Map([[14001, 'edge-1']]), dir: '/scratch', actors: new Map() };

const paths = (expected: Json, actual: Json): string[] =>
  compare(expected, actual, context).map(({ path, why }) => `${path} ${why}`);

test('what fits gives no misfits', () => {
  assert.deepEqual(paths({ a: [1, '@int 0..'], b: '@@x' }, { b: '@x', a: [1, 5] }), []);
});

test('misfits say where and why', () => {
  assert.deepEqual(paths({ a: 1, 'b/c': { d: 2 } }, { 'b/c': { d: 3 }, e: 4 }), [
    '/a is missing',
    '/b~1c/d differs',
    '/e is unexpected',
  ]);
  assert.deepEqual(paths([1, 2], [1]), ['/ has 1 members, not 2']);
  assert.deepEqual(paths({}, []), ['/ is not an object']);
});

test('@optional may be missing, but has to fit', () => {
  const expected = { a: { '@optional': '@int 0..' } };
  assert.deepEqual(paths(expected, {}), []);
  assert.deepEqual(paths(expected, { a: -1 }), ['/a is not within 0..']);
  assert.deepEqual(paths({ a: { '@optional': null } }, { a: null }), []);
});

test('@each fits every member, and their number', () => {
  const expected = { '@each': { n: '@int 0..' }, '@len': [1, 2] };
  assert.deepEqual(paths(expected, [{ n: 1 }]), []);
  assert.deepEqual(paths(expected, []), ['/ has 0 members, not 1..2']);
  assert.deepEqual(paths(expected, [{ n: -1 }]), ['/0/n is not within 0..']);
});

test('@unordered takes members in any order', () => {
  const expected = { '@unordered': [1, '@nonempty'] };
  assert.deepEqual(paths(expected, ['x', 1]), []);
  assert.deepEqual(paths(expected, [1, 2]), [' lacks this member', ' has an unexpected member']);
});

test('a misfit is told in lines, long values shortened', () => {
  const [misfit] = compare('x', 'y'.repeat(1000), context);
  assert.ok(misfit !== undefined);
  const [first, expected, actual] = describe(misfit);
  assert.deepEqual([first, expected], ['/ differs', '  expected "x"']);
  assert.equal(actual?.length, '  actual   '.length + 301);
});

test('ports and the scratch directory go by their names, and `pp` is sorted', () => {
  const told = { url: 'http://h:14001/ :14002', port: 14001, size: 14001, file: '/scratch/x', pp: 'b, a' };
  assert.deepEqual(canonical(told, context), {
    url: 'http://h:{edge-1}/ :14002',
    port: '{edge-1}',
    size: 14001,
    file: '{dir}/x',
    pp: 'a, b',
  });
});

test('events are told per host, immediate repeats folded', () => {
  const time = Math.floor(Date.now() / 1000);
  const event = (index: number, hostname: string, description: string): Json => ({
    index,
    time,
    hostname,
    description,
  });
  const log = {
    events: [
      event(4, 'a', 'up'),
      event(3, 'b', 'down'),
      event(2, 'a', 'x (stat) '),
      event(1, 'a', 'x (health) '),
    ],
  };
  const story = (hostname: string, ...texts: string[]): Json =>
    texts.map((description) => ({ hostname, description }));
  assert.deepEqual(tellEvents(log), {
    keys: ['description hostname index time'],
    indexesFallByOne: true,
    timesInSeconds: true,
    hosts: { a: story('a', 'x (health) ', 'up'), b: story('b', 'down') },
  });
  const last = tellEvents(log, { lastOnly: true }) as { hosts: Json };
  assert.deepEqual(last.hosts, { a: story('a', 'up'), b: story('b', 'down') });
  const marked = tellEvents(log, { after: 2 }) as { hosts: Json };
  assert.deepEqual(marked.hosts, { a: story('a', 'up'), b: story('b', 'down') });
});
