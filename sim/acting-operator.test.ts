import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AssignmentDocument } from '../common/assignment/document.ts';
import { cachegroupName, cdnName, type GroupName, groupName, monitorName } from '../common/ids.ts';
import { ActingOperator, type GroupSeen } from './acting-operator.ts';
import { takeCities } from './cities.ts';

const times = { failoverAfterMs: 3000, failbackAfterMs: 2000, handoverTimeoutMs: 60_000 };
const names = ['amer', 'apac', 'emea'].map(groupName);
const cities = takeCities(12).map((city) => ({ name: cachegroupName(city.name), coordinates: city }));

const groups = names.map((name, index) => ({
  name,
  coordinates: cities.map(({ coordinates }) => coordinates)[index] ?? null,
  members: [{ name: monitorName(`${name}-0`), host: '127.0.0.1', port: 8080 + index }],
}));

const newOperator = (): ActingOperator => new ActingOperator(cdnName('demo'), groups, cities, times);

/** All live but `down`, and all have polled `polledRevision`. */
const see = (polledRevision: number, ...down: string[]): ReadonlyMap<GroupName, GroupSeen> =>
  new Map(names.map((name) => [name, { live: !down.includes(name), polledRevision }]));

const ownersIn = (document: AssignmentDocument | undefined): Map<string, string[]> => {
  const owners = new Map<string, string[]>();
  for (const { name, cachegroups } of document?.groups ?? [])
    for (const cachegroup of cachegroups) owners.set(cachegroup, [...(owners.get(cachegroup) ?? []), name]);
  return owners;
};

describe('the acting operator', () => {
  test('first shares all cachegroups out, four to each group, and then has nothing to say', () => {
    const operator = newOperator();
    const { documents, news } = operator.look(see(0), 0);
    assert.deepEqual([...(documents?.keys() ?? [])], names);
    const document = documents?.get(groupName('emea'));
    assert.deepEqual([document?.revision, document?.group, news.length], [1, 'emea', 0]);
    assert.deepEqual(
      document?.groups.map(({ cachegroups }) => cachegroups.length),
      [4, 4, 4],
    );
    assert.equal(operator.look(see(1), 100).documents, null);
  });

  test('lets others stand in for a group that stays down, but not for one that is back soon', () => {
    const operator = newOperator();
    operator.look(see(0), 0);
    assert.equal(operator.look(see(1, 'apac'), 1000).documents, null);
    assert.equal(operator.look(see(1), 2000).documents, null);
    operator.look(see(1, 'apac'), 3000);
    const { documents, news } = operator.look(see(1, 'apac'), 6000);
    const document = documents?.get(groupName('emea'));
    assert.deepEqual(document?.groups.find(({ name }) => name === 'apac')?.cachegroups, []);
    assert.equal(document?.failovers.length, 4);
    assert.equal(ownersIn(document).size, 12);
    assert.match(news.join('\n'), /group apac is off duty[\s\S]*takes on/);
  });

  test('gives a group that is back its own again in two steps: never is a cachegroup without an owner', () => {
    const operator = newOperator();
    const first = operator.look(see(0), 0).documents?.get(groupName('amer'));
    operator.look(see(1, 'apac'), 1000);
    operator.look(see(1, 'apac'), 4000);
    operator.look(see(2), 5000);
    const both = operator.look(see(2), 7000).documents?.get(groupName('amer'));
    assert.equal(both?.handovers.length, 4);
    for (const { cachegroup, from, to } of both?.handovers ?? [])
      assert.deepEqual(ownersIn(both).get(cachegroup)?.toSorted(), [from, to].sort());
    assert.equal(operator.look(see(2), 7100).documents, null);
    const last = operator.look(see(3), 7200).documents?.get(groupName('amer'));
    assert.deepEqual(last?.groups, first?.groups);
    assert.deepEqual([last?.revision, last?.handovers, last?.failovers], [4, [], []]);
  });
});
