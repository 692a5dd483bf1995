import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachegroupName, cacheName, deliveryServiceId } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { deliveryServicesByCache, needsSnapshot, snapshotAssignments } from './assigned-caches.ts';
import { serverOf, serviceIds } from './testing/builders.ts';
import { monitoringOf } from './testing/monitoring.ts';

const cache = (name: string, cachegroup: string, ...services: string[]) =>
  serverOf({ name, cachegroup: cachegroupName(cachegroup), deliveryServices: serviceIds(...services) });

const noAssignments = { topologyOf: new Map(), topologies: new Map(), explicit: new Map() };

/** `cache: service service; …` */
function assigned(config: MonitoringConfig, snapshot: unknown = null): string {
  const from = snapshot === null ? noAssignments : snapshotAssignments(snapshot);
  return [...deliveryServicesByCache(config, from)]
    .map(([name, services]) => `${name}: ${services.join(' ')}`)
    .join('; ');
}

const topologies = { near: ['cg-1', 'cg-2'], far: ['cg-2', 'cg-3'] };

describe('the delivery services of a cache', () => {
  it('are those assigned to it', () => {
    const caches = [cache('a', 'cg-1', 'x', 'y'), cache('b', 'cg-1')];
    assert.equal(assigned(monitoringOf({ caches, services: { x: {}, y: {} } })), 'a: x y; b: ');
  });

  it('are those on a topology with its cachegroup', () => {
    const caches = [cache('a', 'cg-1'), cache('b', 'cg-2'), cache('c', 'cg-3'), cache('d', 'cg-4')];
    const services = { x: { topology: 'near' }, y: { topology: 'far' }, z: { topology: 'unknown' } };
    assert.equal(assigned(monitoringOf({ caches, services, topologies })), 'a: x; b: x y; c: y; d: ');
  });

  it('are named once, though assigned in two ways or twice', () => {
    const caches = [cache('a', 'cg-1', 'x', 'x')];
    const twice = { near: ['cg-1', 'cg-1'] };
    const config = monitoringOf({ caches, services: { x: { topology: 'near' } }, topologies: twice });
    assert.equal(assigned(config), 'a: x');
  });

  it('are of the monitoring config only', () => {
    const config = monitoringOf({ caches: [cache('a', 'cg-1', 'x', 'stranger')], services: { x: {} } });
    assert.equal(assigned(config), 'a: x');
  });

  const snapshot = {
    deliveryServices: { old: { topology: 'late' }, typed: { topology: 'late' }, 'no-topology': {} },
    topologies: { late: { nodes: ['cg-3'] } },
    contentServers: {
      a: { deliveryServices: { explicit: ['a.example'], typed: ['a.example'], stranger: [] } },
      gone: { deliveryServices: { explicit: [] } },
    },
  };
  const caches = [cache('a', 'cg-1'), cache('c', 'cg-3')];

  it('are looked up in the snapshot where they have no type, each for itself', () => {
    const services = { old: { type: '' }, explicit: { type: '' }, 'no-topology': { type: '' }, typed: {} };
    assert.equal(assigned(monitoringOf({ caches, services }), snapshot), 'a: explicit; c: old');
  });

  it('are never looked up in the snapshot where they have a type', () => {
    const services = { old: {}, explicit: {}, typed: {} };
    assert.equal(assigned(monitoringOf({ caches, services }), snapshot), 'a: ; c: ');
  });

  it('are on the topology of the monitoring config, if it has one', () => {
    const services = { old: { type: '', topology: 'near' } };
    assert.equal(assigned(monitoringOf({ caches, services, topologies }), snapshot), 'a: old; c: ');
  });
});

describe('the snapshot', () => {
  it('is needed only for a delivery service without a type', () => {
    assert.equal(needsSnapshot(monitoringOf()), false);
    assert.equal(needsSnapshot(monitoringOf({ services: { x: {}, y: { type: 'DNS' } } })), false);
    assert.equal(needsSnapshot(monitoringOf({ services: { x: {}, y: { type: '' } } })), true);
  });

  it('is read as far as it has the expected shape', () => {
    const { topologyOf, topologies, explicit } = snapshotAssignments({
      deliveryServices: { x: { topology: 'near' }, y: { topology: 3 }, z: null, w: 'text' },
      topologies: { near: { nodes: ['cg-1', 7, null, 'cg-2'] }, bad: { nodes: 'cg-1' }, worse: [] },
      contentServers: {
        a: { deliveryServices: { x: [] } },
        b: { deliveryServices: {} },
        c: { deliveryServices: ['x'] },
        d: 1,
      },
    });
    assert.deepEqual(topologyOf, new Map([[deliveryServiceId('x'), 'near']]));
    assert.deepEqual(topologies, new Map([['near', ['cg-1', 'cg-2']]]));
    assert.deepEqual(explicit, new Map([[cacheName('a'), serviceIds('x')]]));
  });

  for (const document of [null, undefined, 7, 'text', [], {}, { deliveryServices: [], topologies: 1 }]) {
    it(`says nothing if it is ${JSON.stringify(document)}`, () => {
      assert.deepEqual(snapshotAssignments(document), noAssignments);
    });
  }

  it('may have names that objects know', () => {
    const document = JSON.parse('{"contentServers":{"__proto__":{"deliveryServices":{"constructor":[]}}}}');
    assert.deepEqual(
      snapshotAssignments(document).explicit,
      new Map([[cacheName('__proto__'), serviceIds('constructor')]]),
    );
  });
});
