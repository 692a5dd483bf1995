import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachegroupName } from '../ids.ts';
import { assign } from './assign.ts';
import { leavesGap } from './plan-problem.ts';
import { group, names, place, told } from './testing/plan-inputs.ts';

describe('while a group is down', () => {
  const cachegroups = Array.from({ length: 18 }, (_, i) => place(`cg-${10 + i}`, i * 10));
  const groups = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, i) => group(name, i * 30));
  const withDown = (...down: string[]) => groups.map((one) => ({ ...one, onDuty: !down.includes(one.name) }));

  it('the three closest groups stand in for it, each for a third', () => {
    const before = assign({ groups, cachegroups, previous: null });
    const plan = assign({ groups: withDown('a'), cachegroups, previous: before });
    assert.deepEqual(plan.failovers.map(({ standIn }) => standIn).sort(), ['b', 'c', 'd']);
    assert.ok(
      plan.failovers.every(({ cachegroup, home }) => home === 'a' && plan.homes.get(cachegroup) === 'a'),
    );
  });

  it('and another goes down too, stand-ins that are still there stay', () => {
    const one = assign({
      groups: withDown('a'),
      cachegroups,
      previous: assign({ groups, cachegroups, previous: null }),
    });
    const two = assign({ groups: withDown('a', 'c'), cachegroups, previous: one });
    for (const [name, owner] of one.owners)
      if (owner !== 'c') assert.equal(two.owners.get(name), owner, name);
    assert.ok(![...two.owners.values()].some((owner) => owner === 'a' || owner === 'c'));
  });

  it('and a closer group than a stand-in returns, stand-ins go on', () => {
    const two = assign({
      groups: withDown('a', 'b'),
      cachegroups,
      previous: assign({ groups, cachegroups, previous: null }),
    });
    const one = assign({ groups: withDown('a'), cachegroups, previous: two });
    const ofA = [...one.homes].filter(([, home]) => home === 'a').map(([name]) => name);
    assert.deepEqual(
      ofA.map((name) => one.owners.get(name)),
      ofA.map((name) => two.owners.get(name)),
    );
  });

  it('and all others too, nothing moves: perhaps only the news of them is missing', () => {
    const one = assign({
      groups: withDown('a'),
      cachegroups,
      previous: assign({ groups, cachegroups, previous: null }),
    });
    const none = assign({ groups: withDown('a', 'b', 'c', 'd', 'e', 'f'), cachegroups, previous: one });
    assert.deepEqual(none.owners, one.owners);
    assert.deepEqual(told(none), [
      'no group has a live monitor: cachegroups stay assigned as they are; see why the monitors do not run',
    ]);
    assert.ok(none.problems.every(leavesGap));
  });

  it('a cachegroup that every live group excludes stays with it, which is told', () => {
    const only = withDown('a').map((one) => (one.name === 'a' ? one : { ...one, excludes: names('cg-10') }));
    const plan = assign({ groups: only, cachegroups, previous: null });
    assert.equal(plan.owners.get(cachegroupName('cg-10')), 'a');
    assert.deepEqual(told(plan), [
      `nobody polls cachegroup "cg-10": its group "a" is down, and every other group is down or excludes it; repair "a", or take the cachegroup out of a live group's exclude`,
    ]);
  });
});
