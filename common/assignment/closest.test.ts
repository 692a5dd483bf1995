import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { byByteOrder } from '../byte-order.ts';
import { type CachegroupName, cachegroupName, type GroupName, groupName } from '../ids.ts';
import { assignClosest, type CachegroupPlace, type GroupPlace } from './closest.ts';
import { distanceKm, placeAt } from './distance.ts';
import { cachegroupPlaces, groupPlaces } from './testing/places.ts';

const at = (latitude: number, longitude: number) => ({ latitude, longitude });
const group = (name: string, coordinates: GroupPlace['coordinates'] = null): GroupPlace => ({
  name: groupName(name),
  coordinates,
});
const cachegroup = (name: string, coordinates: CachegroupPlace['coordinates'] = null): CachegroupPlace => ({
  name: cachegroupName(name),
  coordinates,
});
const shares = (assigned: Map<GroupName, CachegroupName[]>) => Object.fromEntries(assigned);

describe('assigned to the closest group', () => {
  it('each in its turn, a group takes the closest cachegroup that is left', () => {
    const groups = [group('west', at(37.8, -122.4)), group('east', at(40.7, -74))];
    const cachegroups = [
      cachegroup('boston', at(42.4, -71.1)),
      cachegroup('washington', at(38.9, -77)),
      cachegroup('miami', at(25.8, -80.2)),
      cachegroup('los-angeles', at(34, -118.2)),
    ];
    // Washington is closest to east, then Los Angeles to west, Boston to east; Miami is left for west.
    assert.deepEqual(shares(assignClosest(groups, cachegroups)), {
      east: ['boston', 'washington'],
      west: ['los-angeles', 'miami'],
    });
  });

  it('of two cachegroups as close, the first in byte order goes first', () => {
    const names = ['b', 'B', 'a-10', 'a-2', '\u{1f600}', '\uff5e'];
    const assigned = assignClosest(
      [group('only')],
      names.map((name) => cachegroup(name)),
    );
    assert.deepEqual(shares(assigned), { only: ['B', 'a-10', 'a-2', 'b', '\uff5e', '\u{1f600}'] });
  });

  it('the order of names decides between such cachegroups in every turn', () => {
    const same = ['1', '2', '3', '4', '5'].map((name) => cachegroup(name));
    assert.deepEqual(shares(assignClosest([group('a'), group('b')], same)), {
      a: ['1', '3', '5'],
      b: ['2', '4'],
    });
  });

  it('groups take their turns in byte order', () => {
    const assigned = assignClosest([group('b'), group('a'), group('B')], [cachegroup('1'), cachegroup('2')]);
    assert.deepEqual(shares(assigned), { B: ['1'], a: ['2'], b: [] });
  });

  it('a place that is not known is at 0,0', () => {
    const assigned = assignClosest(
      [group('a', at(0, 1)), group('b')],
      [cachegroup('near', at(0, 2)), cachegroup('unknown')],
    );
    assert.deepEqual(shares(assigned), { a: ['near'], b: ['unknown'] });
  });

  it('without groups there is nobody, without cachegroups nothing', () => {
    assert.deepEqual(shares(assignClosest([], [cachegroup('a')])), {});
    assert.deepEqual(shares(assignClosest([group('a')], [])), { a: [] });
  });

  it('every cachegroup has one group, and no group has two more than another', () => {
    fc.assert(
      fc.property(groupPlaces, cachegroupPlaces, (groups, cachegroups) => {
        fc.pre(groups.length > 0);
        const assigned = assignClosest(groups, cachegroups);
        const all = [...assigned.values()].flat().sort(byByteOrder);
        assert.deepEqual(all, cachegroups.map(({ name }) => name).sort(byByteOrder));
        const counts = [...assigned.values()].map(({ length }) => length);
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${counts}`);
      }),
    );
  });

  it('it is the same whatever the order of groups and cachegroups', () => {
    fc.assert(
      fc.property(groupPlaces, cachegroupPlaces, (groups, cachegroups) => {
        assert.deepEqual(
          shares(assignClosest(groups.toReversed(), cachegroups.toReversed())),
          shares(assignClosest(groups, cachegroups)),
        );
      }),
    );
  });
});

describe('the recorded Go monitor in distributed mode', () => {
  const read = (name: string) =>
    JSON.parse(
      readFileSync(
        new URL(`../../e2e/conformance/scenarios/distributed/${name}.json`, import.meta.url),
        'utf8',
      ),
    );
  const { cacheGroups, trafficMonitors, trafficServers } = read('scenario').monitoring;
  interface Server {
    readonly hostName: string;
    readonly cachegroup: string;
    readonly status: string;
  }
  const coordinatesOf = (name: string) =>
    cacheGroups.find((one: { name: string }) => one.name === name).coordinates;
  const cachegroupsOf = (servers: readonly Server[]) => [
    ...new Set(servers.map((server) => server.cachegroup)),
  ];
  const assigned = assignClosest(
    cachegroupsOf(trafficMonitors.filter(({ status }: Server) => status === 'ONLINE')).map((name) =>
      group(name, coordinatesOf(name)),
    ),
    cachegroupsOf(trafficServers).map((name) => cachegroup(name, coordinatesOf(name))),
  );

  it('asks the caches of the cachegroups that its group takes, and no others', () => {
    const own = assigned.get(groupName('cg-east')) ?? [];
    const recorded = ['e-1', 'e-2', 'm-1', 'w-1'];
    for (const cache of recorded) {
      const { cachegroup } = trafficServers.find(({ hostName }: Server) => hostName === cache);
      const asked = read(`expected/asked-${cache}`).requests.length > 0;
      assert.equal(own.includes(cachegroup), asked, `${cache} of ${cachegroup}`);
    }
  });

  it('learns the other caches from the groups that take their cachegroups', () => {
    const { peers } = read('expected/distributed').json;
    for (const [name, caches] of Object.entries<object>(peers)) {
      for (const cache of Object.keys(caches)) {
        const { cachegroup } = trafficServers.find(({ hostName }: Server) => hostName === cache);
        assert.ok(assigned.get(groupName(name))?.includes(cachegroup), `${name} has ${cache}`);
      }
    }
  });
});

describe('great-circle distance', () => {
  for (const [from, to, km] of [
    [at(51.5074, -0.1278), at(48.8566, 2.3522), 344],
    [at(40.7128, -74.006), at(-33.8688, 151.2093), 15_989],
    [at(0, 179.5), at(0, -179.5), 111],
    [at(90, 0), at(-90, 0), 20_015],
    [at(10, 20), at(10, 20), 0],
  ] as const) {
    it(`from ${from.latitude},${from.longitude} to ${to.latitude},${to.longitude} is ${km} km`, () => {
      assert.equal(Math.round(distanceKm(placeAt(from), placeAt(to))), km);
    });
  }
});
