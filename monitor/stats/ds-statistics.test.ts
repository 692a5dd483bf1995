import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cacheName, deliveryServiceId } from '../../common/ids.ts';
import type { AvailabilityEvent } from '../health/events.ts';
import { counters } from './delivery-service-lookup.ts';
import { DsStatistics } from './ds-statistics.ts';
import type { ServicePart } from './service-part.ts';
import type { ServiceConfig } from './service-statistics.ts';
import { figuresOf, ids, polledOf, type SubjectParts, serviceWith, subjectWith } from './testing/samples.ts';

interface World {
  readonly statistics: DsStatistics;
  readonly events: AvailabilityEvent[];
  apply(caches: readonly (SubjectParts & { up?: boolean })[], services: readonly ServiceConfig[]): void;
}

function world(): World {
  const events: AvailabilityEvent[] = [];
  const statistics = new DsStatistics((event) => events.push(event));
  return {
    statistics,
    events,
    apply(caches, services) {
      const subjects = caches.map(subjectWith);
      statistics.configure({ subjects, polled: polledOf(subjects), services });
      const available = subjects.filter((_, index) => caches[index]?.up ?? false);
      statistics.apply(
        services.map(({ xmlId }) => xmlId),
        available,
        0,
      );
    },
  };
}

/** All that is known of all delivery services, as plain values. */
function everything(statistics: DsStatistics): unknown {
  const part = ({ sums, availableCaches, countedCaches }: ServicePart) => ({
    counts: counters.map((_, index) => sums.count(index)),
    rates: [0, 1, 2, 3, 4].map((index) => sums.rate(index)),
    availableCaches,
    countedCaches,
  });
  return statistics.sorted.map((id) => {
    const service = statistics.get(id);
    if (service === undefined) return null;
    const { configuredCaches, reportingCaches, isAvailable, error } = service;
    return {
      id,
      configuredCaches,
      reportingCaches,
      isAvailable,
      error,
      total: part(service.total),
      groups: service.groups.sorted.map(([name, one]) => [name, part(one)]),
      types: service.types.sorted.map(([name, one]) => [name, part(one)]),
    };
  });
}

const [one] = ids('one');
const edge1 = cacheName('edge-1');
const edge2 = cacheName('edge-2');
const two = [
  { name: 'edge-1', services: ['one'], up: true },
  { name: 'edge-2', services: ['one'], group: 'far', type: 'MID' as const, up: true },
];

describe('statistics of delivery services', () => {
  it('sum counters and rates over all caches, groups and types', () => {
    const { statistics, apply } = world();
    apply(two, [serviceWith('one')]);
    for (const [cache, factor] of [
      [edge1, 1n],
      [edge2, 10n],
    ] as const) {
      statistics.take(cache, figuresOf({ one: { out_bytes: 0n, status_2xx: 5n } }), 1000, 1001);
      const later = { out_bytes: 250n * factor, status_2xx: 5n + 4n * factor, in_bytes: 2n ** 53n + factor };
      statistics.take(cache, figuresOf({ one: later }), 3000, 3001);
    }
    const service = statistics.get(deliveryServiceId('one'));
    assert.ok(service);
    assert.equal(service.total.sums.kbps, 11);
    assert.equal(service.total.sums.tps(2), 22);
    assert.equal(service.total.sums.tpsTotal, 22);
    assert.equal(service.total.sums.count(counters.indexOf('in_bytes')), 2n ** 54n + 11n);
    assert.deepEqual(
      service.groups.sorted.map(([name, { sums }]) => [name, sums.kbps]),
      [
        ['cg', 1],
        ['far', 10],
      ],
    );
    assert.deepEqual(
      service.types.sorted.map(([name, { sums }]) => [name, sums.kbps]),
      [
        ['EDGE', 1],
        ['MID', 10],
      ],
    );
    assert.deepEqual(
      [service.configuredCaches, service.reportingCaches, statistics.computedMs],
      [2, 2, 3001],
    );
  });

  it('count what a cache served that is not assigned, but not its rates', () => {
    const { statistics, apply } = world();
    apply([{ name: 'edge-1', up: true }], [serviceWith('one')]);
    statistics.take(edge1, figuresOf({ one: { out_bytes: 10n } }), 1000, 1000);
    statistics.take(edge1, figuresOf({ one: { out_bytes: 1000n } }), 2000, 2000);
    const service = statistics.get(deliveryServiceId('one'));
    assert.ok(service);
    assert.deepEqual([service.total.sums.count(0), service.total.sums.kbps], [1000n, 0]);
    assert.deepEqual([service.configuredCaches, service.reportingCaches, service.isAvailable], [0, 0, false]);
  });

  it('keep the counters of a cache whose polls fail, but not its rates (D39)', () => {
    const { statistics, apply } = world();
    apply(two, [serviceWith('one')]);
    statistics.take(edge1, figuresOf({ one: { out_bytes: 10n } }), 1000, 1000);
    statistics.take(edge1, figuresOf({ one: { out_bytes: 260n } }), 2000, 2000);
    statistics.fail(edge1, 3000);
    statistics.fail(edge1, 4000);
    statistics.fail(edge2, 4000);
    const service = statistics.get(deliveryServiceId('one'));
    assert.ok(service);
    const state = () => [service.total.sums.count(0), service.total.sums.kbps, service.reportingCaches];
    assert.deepEqual(state(), [260n, 0, 0]);
    statistics.take(edge1, figuresOf({ one: { out_bytes: 510n } }), 4000, 5000);
    assert.deepEqual(state(), [510n, 1, 1]);
  });

  it('forget caches that are gone or not polled any more (D39), and services that are gone (D45)', () => {
    const { statistics, apply } = world();
    apply(two, [serviceWith('one')]);
    for (const cache of [edge1, edge2]) {
      statistics.take(cache, figuresOf({ one: { out_bytes: 1n }, unknown: { out_bytes: 1n } }), 1, 1);
    }
    apply([{ name: 'edge-1', services: ['one'], status: 'ONLINE', up: true }], [serviceWith('one')]);
    const service = statistics.get(deliveryServiceId('one'));
    assert.ok(service);
    assert.deepEqual(
      [
        service.total.sums.count(0),
        service.total.countedCaches,
        service.configuredCaches,
        service.reportingCaches,
      ],
      [0n, 0, 1, 0],
    );
    assert.deepEqual(statistics.sorted, ['one']);
  });

  it('forget what a payload does not name any more', () => {
    const { statistics, apply } = world();
    apply(two, [serviceWith('one')]);
    statistics.take(edge1, figuresOf({ one: { out_bytes: 5n } }), 1, 1);
    statistics.take(edge1, figuresOf({}), 2, 2);
    assert.equal(statistics.get(deliveryServiceId('one'))?.total.sums.count(0), 0n);
  });

  it('stay exact under figures beyond all reason', () => {
    const { statistics, apply } = world();
    apply(two, [serviceWith('one')]);
    const huge = 2n ** 64n - 1n;
    const all = { out_bytes: huge, in_bytes: huge, status_2xx: huge, status_5xx: huge };
    statistics.take(edge1, figuresOf({ one: { out_bytes: 3n } }), 1000, 1);
    statistics.take(edge1, figuresOf({ one: { out_bytes: 253n } }), 2000, 1);
    const before = everything(statistics);
    statistics.take(edge2, figuresOf({ one: {} }), 1, 1);
    statistics.take(edge2, figuresOf({ one: all }), 2, 2);
    statistics.take(edge2, figuresOf({}), 3, 3);
    statistics.fail(edge2, 4);
    assert.deepEqual(everything(statistics), before);
  });
});

describe('incremental statistics', () => {
  const services = ['one', 'two', 'three'];
  const caches = ['a', 'b', 'c', 'd'];
  const counts = fc.record({
    out_bytes: fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 10_000n)),
    status_2xx: fc.bigInt(0n, 1000n),
    status_4xx: fc.bigInt(0n, 1000n),
    in_bytes: fc.bigInt(0n, 2n ** 64n - 1n),
  });
  const figures = fc.dictionary(fc.constantFrom(...services, 'unknown'), counts, { maxKeys: 3 });
  const take = fc.record({
    kind: fc.constant('take' as const),
    cache: fc.nat(3),
    figures,
    stepMs: fc.integer({ min: -50, max: 3000 }),
  });
  const fail = fc.record({ kind: fc.constant('fail' as const), cache: fc.nat(3) });
  const turn = fc.record({ kind: fc.constant('turn' as const), cache: fc.nat(3), up: fc.boolean() });
  const members = fc.array(fc.subarray(services), { minLength: 4, maxLength: 4 });

  it('equal those made from scratch, whatever happens', () => {
    fc.assert(
      fc.property(
        members,
        fc.array(fc.oneof(take, take, fail, turn), { maxLength: 40 }),
        (assigned, steps) => {
          const { statistics, apply } = world();
          const limits = services.map((name) =>
            serviceWith(name, { totalTpsThreshold: 300, totalKbpsThreshold: 5000 }),
          );
          const up = [true, false, true, false];
          const configured = () =>
            caches.map((name, index) => ({
              name,
              group: index < 2 ? 'near' : 'far',
              type: index % 2 === 0 ? ('EDGE' as const) : ('MID' as const),
              services: assigned[index] ?? [],
              up: up[index] ?? false,
            }));
          apply(configured(), limits);
          let timeMs = 1000;
          const last = new Map<string, Readonly<Record<string, Readonly<Record<string, bigint>>>>>();
          for (const step of steps) {
            const name = cacheName(caches[step.cache] ?? '');
            if (step.kind === 'take') {
              timeMs += step.stepMs;
              statistics.take(name, figuresOf(step.figures), timeMs, timeMs);
              last.set(name, step.figures);
            } else if (step.kind === 'fail') statistics.fail(name, timeMs);
            else {
              up[step.cache] = step.up;
              statistics.cacheChanged({ name: name }, step.up, timeMs);
            }
          }
          for (const id of statistics.sorted) {
            const sums = counters.map((counter) =>
              [...last.values()].reduce((sum, all) => sum + (all[id]?.[counter] ?? 0n), 0n),
            );
            const found = counters.map((_, index) => statistics.get(id)?.total.sums.count(index));
            assert.deepEqual(found, sums);
          }
          const incremental = everything(statistics);
          apply(configured(), limits);
          assert.deepEqual(incremental, everything(statistics));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('availability of delivery services', () => {
  it('follows that of their caches, with events', () => {
    const { statistics, events, apply } = world();
    apply(
      [
        { name: 'edge-1', services: ['one'] },
        { name: 'edge-2', services: ['one'] },
      ],
      [serviceWith('one'), serviceWith('idle')],
    );
    assert.deepEqual(statistics.sorted, ['idle', 'one']);
    const told = () =>
      events.map(({ description, timeMs, isAvailable }) => [description, timeMs, isAvailable]);
    statistics.cacheChanged({ name: edge1 }, true, 5);
    statistics.cacheChanged({ name: edge1 }, true, 6);
    statistics.cacheChanged({ name: edge2 }, true, 7);
    statistics.cacheChanged({ name: edge1 }, false, 8);
    assert.equal(one !== undefined && statistics.isAvailable(one), true);
    statistics.cacheChanged({ name: edge2 }, false, 9);
    assert.equal(one !== undefined && statistics.isAvailable(one), false);
    assert.deepEqual(told(), [
      ['Available caches', 5, true],
      ['Unavailable', 9, false],
    ]);
    assert.deepEqual(events[0], {
      timeMs: 5,
      description: 'Available caches',
      name: 'one',
      type: 'DELIVERYSERVICE',
      isAvailable: true,
      ipv4Available: false,
      ipv6Available: false,
    });
  });

  it('is taken over by a new config without events', () => {
    const { statistics, events, apply } = world();
    apply(two, [serviceWith('one')]);
    apply(two, [serviceWith('one')]);
    assert.equal(events.length, 1);
    apply([], [serviceWith('one')]);
    assert.equal(statistics.isAvailable(deliveryServiceId('one')), false);
    assert.equal(events.length, 2);
  });

  const limits: readonly [name: string, config: Partial<ServiceConfig>, error: string][] = [
    ['requests', { totalTpsThreshold: 1600 }, 'total.tps_total too high (2000.50 > 1600)'],
    ['traffic', { totalKbpsThreshold: 7 }, 'total.kbps too high (8.00 > 7)'],
    [
      'requests first',
      { totalTpsThreshold: 1, totalKbpsThreshold: 1 },
      'total.tps_total too high (2000.50 > 1)',
    ],
    ['nothing if they are just met', { totalTpsThreshold: 2000.5, totalKbpsThreshold: 8 }, ''],
    ['nothing if they are 0 or less', { totalTpsThreshold: 0, totalKbpsThreshold: -5 }, ''],
  ];
  for (const [name, config, error] of limits) {
    it(`ends at thresholds: ${name}`, () => {
      const { statistics, events, apply } = world();
      apply(two, [serviceWith('one', config)]);
      statistics.take(edge1, figuresOf({ one: {} }), 1000, 1000);
      statistics.take(
        edge1,
        figuresOf({ one: { out_bytes: 2000n, status_2xx: 4000n, status_5xx: 1n } }),
        3000,
        3000,
      );
      const service = statistics.get(deliveryServiceId('one'));
      assert.equal(service?.error, error);
      assert.equal(service?.isAvailable, error === '');
      const last = events.at(-1);
      assert.equal(last?.description, error === '' ? 'Available caches' : `Unavailable err: ${error}`);
      if (error === '') return;
      statistics.fail(edge1, 4000);
      assert.equal(events.at(-1)?.description, 'Available caches');
      assert.equal(service?.error, '');
    });
  }
});
