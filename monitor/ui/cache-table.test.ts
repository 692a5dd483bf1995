import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheTableFields } from '../serve/cache-table.ts';
import { CacheTable, conditionOf, pick, tally } from './page/cache-table.js';
import { initialState } from './page/page-state.js';
import type { CacheFilter, CacheTableDocument, Condition } from './types.ts';

const cachegroups = ['london', 'paris'];

interface Row {
  readonly name: string;
  readonly cachegroup?: number;
  readonly type?: string;
  readonly status?: string;
  readonly state?: string;
  readonly own?: boolean | null;
  readonly kbps?: number | null;
  readonly reason?: string;
}

const document = (...rows: readonly Row[]): CacheTableDocument => ({
  fields: [...cacheTableFields],
  cachegroups,
  rows: rows.map(
    ({
      name,
      cachegroup = 0,
      type = 'EDGE',
      status = 'REPORTED',
      state = 'available',
      own = state === 'unknown' ? null : state === 'available',
      kbps = 800,
      reason = '',
    }) => [
      name,
      cachegroup,
      type,
      status,
      state,
      own,
      true,
      null,
      0.2,
      kbps,
      kbps === null ? 0 : 1000,
      3,
      7,
      1,
      reason,
    ],
  ),
});

function tableOf(...rows: readonly Row[]): CacheTable {
  const table = new CacheTable();
  table.update(document(...rows), 1000);
  return table;
}

const names = (table: CacheTable, filter: Partial<CacheFilter>): string[] =>
  pick(table.all, { ...initialState, ...filter }).map(({ name }) => name);

const four = tableOf(
  { name: 'edge-4', cachegroup: 1, state: 'down', kbps: null, reason: 'REPORTED - loadavg too high' },
  { name: 'edge-1', kbps: 900 },
  { name: 'mid-1', type: 'MID', status: 'ADMIN_DOWN', state: 'down', reason: 'ADMIN_DOWN - available' },
  { name: 'edge-2', state: 'unknown', kbps: 100 },
);

describe('the condition of a cache', () => {
  const rows: readonly [state: string, status: string, condition: Condition][] = [
    ['available', 'REPORTED', 'available'],
    ['available', 'ONLINE', 'available'],
    ['down', 'REPORTED', 'down'],
    ['down', 'ADMIN_DOWN', 'out'],
    ['unknown', 'OFFLINE', 'out'],
    ['unknown', 'REPORTED', 'waiting'],
  ];
  for (const [state, status, condition] of rows) {
    it(`that is ${state} and ${status} is ${condition}`, () =>
      assert.equal(conditionOf(state, status), condition));
  }
});

describe('caches are picked', () => {
  const rows: readonly [what: string, filter: Partial<CacheFilter>, names: readonly string[]][] = [
    ['all, the worst first', {}, ['edge-4', 'edge-2', 'mid-1', 'edge-1']],
    ['by a word of the reason', { text: 'LOADAVG' }, ['edge-4']],
    ['by several words, each of which has to be there', { text: 'edge paris' }, ['edge-4']],
    ['by cachegroup', { cachegroup: 'paris' }, ['edge-4']],
    ['by type', { type: 'MID' }, ['mid-1']],
    ['by condition', { condition: 'waiting' }, ['edge-2']],
    ['by all of these', { text: 'edge', cachegroup: 'london', condition: 'available' }, ['edge-1']],
    ['none, if none is like that', { text: 'nobody' }, []],
    ['in order of names', { sort: 'name' }, ['edge-1', 'edge-2', 'edge-4', 'mid-1']],
    ['in order of traffic, the unknown last', { sort: 'kbps' }, ['edge-2', 'mid-1', 'edge-1', 'edge-4']],
    [
      'in the other order, the unknown last again',
      { sort: 'kbps', descending: true },
      ['edge-1', 'mid-1', 'edge-2', 'edge-4'],
    ],
    ['in order of use', { sort: 'use', descending: true }, ['edge-1', 'mid-1', 'edge-2', 'edge-4']],
  ];
  for (const [what, filter, expected] of rows) {
    it(what, () => assert.deepEqual(names(four, filter), expected));
  }

  it('in order of who polls them', () => {
    const pollerOf = (cachegroup: string): string => (cachegroup === 'paris' ? 'apac' : 'emea');
    const picked = pick(four.all, { ...initialState, sort: 'polledBy' }, pollerOf);
    assert.equal(picked[0]?.name, 'edge-4');
  });

  it('once each, whatever the order', () => {
    const sorts = ['condition', 'name', 'kbps', 'use', 'reason', 'loadAverage'] as const;
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({
            name: fc.string({ minLength: 1 }),
            kbps: fc.option(fc.nat()),
            state: fc.constant('down'),
          }),
          { selector: ({ name }) => name },
        ),
        fc.constantFrom(...sorts),
        fc.boolean(),
        (rows, sort, descending) => {
          const picked = names(tableOf(...rows), { sort, descending });
          assert.deepEqual([...picked].sort(), rows.map(({ name }) => name).sort());
        },
      ),
    );
  });
});

describe('an update of the table', () => {
  it('keeps the object of a cache that stays, and notes when its condition changed', () => {
    const table = tableOf({ name: 'edge-1' }, { name: 'edge-2' });
    const [before] = table.all;
    table.update(document({ name: 'edge-1', state: 'down' }, { name: 'edge-2' }), 2000);
    assert.equal(table.get('edge-1'), before);
    assert.deepEqual(
      table.all.map(({ name, condition, changedMs }) => [name, condition, changedMs]),
      [
        ['edge-1', 'down', 2000],
        ['edge-2', 'available', 0],
      ],
    );
  });

  it('forgets caches that are gone, and calls new ones unchanged', () => {
    const table = tableOf({ name: 'edge-1' });
    table.update(document({ name: 'edge-2' }), 2000);
    assert.deepEqual([table.get('edge-1'), table.get('edge-2')?.changedMs], [undefined, 0]);
  });

  it('tells when this monitor and its peers differ', () => {
    const table = tableOf({ name: 'edge-1', own: false }, { name: 'edge-2' }, { name: 'edge-3', own: null });
    assert.deepEqual(names(table, { text: 'disputed' }), ['edge-1']);
    assert.equal(table.get('edge-1')?.condition, 'available');
  });

  it('lets a cache be found by its new reason', () => {
    const table = tableOf({ name: 'edge-1', reason: 'REPORTED - available' });
    table.update(document({ name: 'edge-1', reason: 'REPORTED - connection refused' }), 2000);
    assert.deepEqual(names(table, { text: 'refused' }), ['edge-1']);
    assert.deepEqual(names(table, { text: 'available' }), []);
  });
});

it('the tally counts conditions, and what each cachegroup has', () => {
  const { all, conditions, cachegroups: groups, types } = tally(four.all);
  assert.equal(all, 4);
  assert.deepEqual(conditions, { down: 1, waiting: 1, out: 1, available: 1 });
  assert.deepEqual(groups.get('london'), { all: 3, available: 1, down: 0 });
  assert.deepEqual(groups.get('paris'), { all: 1, available: 0, down: 1 });
  assert.deepEqual(types, ['EDGE', 'MID']);
});
