import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CachegroupName, cachegroupName, type GroupName, groupName } from '../ids.ts';
import { assign } from './assign.ts';
import { bucketOf } from './buckets.ts';
import { assignClosest } from './closest.ts';
import type { Plan, PlanInput } from './plan.ts';
import {
  anyInputs,
  assignable,
  countsOf,
  group,
  names,
  place,
  plainInputs,
  told,
  worldOf,
} from './testing/plan-inputs.ts';

const owners = (plan: Plan) => Object.fromEntries(plan.owners);

describe('a plan for groups that are well', () => {
  it('is that of the Go monitor where nothing was planned before', () => {
    fc.assert(
      fc.property(plainInputs, (input) => {
        fc.pre(input.groups[0]?.strategy === 'closest');
        const plan = assign(input);
        for (const [name, cachegroups] of assignClosest(input.groups, input.cachegroups)) {
          for (const cachegroup of cachegroups) assert.equal(plan.owners.get(cachegroup), name);
        }
      }),
    );
  });

  it('gives every cachegroup an owner, and no problem is reported', () => {
    fc.assert(
      fc.property(plainInputs, (input) => {
        const plan = assign(input);
        for (const { name } of input.cachegroups)
          assert.ok(input.groups.some((one) => one.name === plan.owners.get(name)));
        assert.equal(plan.owners.size, input.cachegroups.length);
        assert.ok(
          plan.problems.every(({ kind }) => kind === 'no-coordinates'),
          `${told(plan)}`,
        );
      }),
    );
  });

  it('is even: cachegroups with closest, buckets in use with buckets', () => {
    fc.assert(
      fc.property(plainInputs, (input) => {
        const plan = assign(input);
        const load = (name: GroupName) => {
          const own = [...plan.homes].filter(([, home]) => home === name).map(([cachegroup]) => cachegroup);
          return input.groups[0]?.strategy === 'closest' ? own.length : new Set(own.map(bucketOf)).size;
        };
        const loads = input.groups.map(({ name }) => load(name));
        assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, `${loads}`);
      }),
    );
  });

  it('keeps a bucket together', () => {
    const { groups, cachegroups } = worldOf(7, 2000);
    const plan = assign({
      groups: groups.map((one) => assignable(one, { strategy: 'buckets' })),
      cachegroups,
      previous: null,
    });
    const ownerOf = new Map([...plan.owners].map(([name, owner]) => [bucketOf(name), owner]));
    for (const [name, owner] of plan.owners) assert.equal(owner, ownerOf.get(bucketOf(name)));
    const counts = countsOf(plan, groups);
    assert.ok(Math.max(...counts) < 1.3 * Math.min(...counts), `${counts}`);
  });
});

describe('any plan', () => {
  it('gives every cachegroup an owner that may have it, or says why not', () => {
    fc.assert(
      fc.property(anyInputs, (input) => {
        const plan = assign(input);
        const missing = new Set(
          plan.problems.flatMap((one) => (one.kind === 'excluded-by-all' ? one.cachegroup : [])),
        );
        for (const { name } of input.cachegroups) {
          const owner = input.groups.find((one) => one.name === plan.owners.get(name));
          const excluded = input.groups.every(({ excludes }) => excludes.includes(name));
          if (input.groups.length === 0) assert.ok(plan.problems.some(({ kind }) => kind === 'no-groups'));
          else assert.equal(owner === undefined, excluded);
          assert.equal(missing.has(name), input.groups.length > 0 && excluded);
          assert.ok(owner === undefined || !owner.excludes.includes(name));
        }
      }),
    );
  });

  it('gives a cachegroup whose home is down an owner on duty that may have it, or says why not', () => {
    fc.assert(
      fc.property(anyInputs, (input) => {
        const plan = assign(input);
        const onDuty = input.groups.filter((one) => one.onDuty);
        const gaps = new Set(
          plan.problems.flatMap((one) => (one.kind === 'no-stand-in' ? one.cachegroup : [])),
        );
        for (const [name, owner] of plan.owners) {
          const possible = onDuty.filter(({ excludes }) => !excludes.includes(name));
          const covered = onDuty.some((one) => one.name === owner);
          assert.equal(covered, possible.length > 0, name);
          if (onDuty.length > 0) assert.equal(gaps.has(name), !covered);
          else assert.ok(plan.problems.some(({ kind }) => kind === 'all-groups-down'));
        }
      }),
    );
  });

  it('is the same whatever the order of groups and cachegroups', () => {
    fc.assert(
      fc.property(anyInputs, (input) => {
        const turned: PlanInput = {
          ...input,
          groups: input.groups.toReversed(),
          cachegroups: input.cachegroups.toReversed(),
        };
        assert.deepEqual(assign(turned), assign(input));
      }),
    );
  });

  it('stays as it is when made again', () => {
    fc.assert(
      fc.property(anyInputs, (input) => {
        const plan = assign(input);
        assert.deepEqual(assign({ ...input, previous: plan }), plan);
      }),
    );
  });

  it('tells failovers in the order of cachegroups, whoever finds a stand-in first', () => {
    const excludes = names('a');
    const groups = [
      group('away', 0, { onDuty: false, claims: names('a', 'z') }),
      ...[10, 20, 30].map((longitude) => group(`near-${longitude}`, longitude, { excludes })),
      group('far', 90),
    ];
    const cachegroups = [place('a', 0), place('z', 20)];
    const { failovers } = assign({ groups, cachegroups, previous: null });
    assert.deepEqual(
      failovers.map(({ cachegroup }) => cachegroup),
      ['a', 'z'],
    );
  });
});

describe('claims and exclusions', () => {
  const cachegroups = [place('a', 0), place('b', 10), place('c', 20), place('d', 30)];

  it('a claimed cachegroup goes to whoever claims it, and counts as part of its share', () => {
    const groups = [group('near', 0), group('far', 90, { claims: names('a', 'b') })];
    const plan = assign({ groups, cachegroups, previous: null });
    assert.deepEqual(owners(plan), { a: 'far', b: 'far', c: 'near', d: 'near' });
    assert.deepEqual(plan.problems, []);
  });

  it('an excluded one goes to another group, even if that is far away', () => {
    const groups = [group('near', 0, { excludes: names('a') }), group('far', 90)];
    assert.equal(assign({ groups, cachegroups, previous: null }).owners.get(cachegroupName('a')), 'far');
  });

  it('a new claim moves a cachegroup that was planned elsewhere', () => {
    const groups = [group('near', 0), group('far', 90)];
    const before = assign({ groups, cachegroups, previous: null });
    const claiming = [group('near', 0), group('far', 90, { claims: names('a') })];
    const after = assign({ groups: claiming, cachegroups, previous: before });
    assert.equal(after.owners.get(cachegroupName('a')), 'far');
    assert.deepEqual(countsOf(after, groups), [2, 2]);
  });

  it('a bucket that no group may take whole is taken apart', () => {
    const [first, second] = sameBucket();
    const plan = assign({
      groups: [
        group('one', 0, { strategy: 'buckets', excludes: [first] }),
        group('two', 0, { strategy: 'buckets', excludes: [second] }),
      ],
      cachegroups: [first, second].map((name) => ({ name, coordinates: null })),
      previous: null,
    });
    assert.deepEqual(owners(plan), { [first]: 'two', [second]: 'one' });
  });

  for (const [what, groups, problems] of [
    [
      'excluded by every group',
      [group('one', 0, { excludes: names('a') }), group('two', 0, { excludes: names('a', 'b') })],
      [`nobody polls cachegroup "a": every group excludes it; take it out of one group's exclude`],
    ],
    [
      'claimed by two groups',
      [group('two', 0, { claims: names('a') }), group('one', 0, { claims: names('a') })],
      [
        'cachegroup "a" is in cacheGroups of "one" and of "two": "one" polls it, being first by name; take it out of one of them',
      ],
    ],
    [
      'not known',
      [group('one', 0, { claims: names('x') }), group('two', 0, { excludes: names('y') })],
      [
        'group "one" has "x" in cacheGroups: no cachegroup with caches of this CDN has that name, so it is ignored',
        'group "two" has "y" in exclude: no cachegroup with caches of this CDN has that name, so it is ignored',
      ],
    ],
    [
      'claimed and excluded by one group',
      [group('one', 0, { claims: names('a'), excludes: names('a') }), group('two', 0)],
      [
        'group "one" has cachegroup "a" in cacheGroups and in exclude: it does not poll it; take it out of one of them',
      ],
    ],
    [
      'to be shared out by two strategies',
      [group('one', 0), group('two', 0, { strategy: 'buckets' })],
      [
        'group "two" asks for strategy buckets, but all groups of a CDN share one: closest, of "one", the first by name',
      ],
    ],
    [
      'of a CDN without groups',
      [],
      ['nobody polls any of the 4 cachegroups: there is no group of monitors; create one'],
    ],
    [
      'of a group that stands nowhere',
      [assignable({ name: groupName('one'), coordinates: null })],
      [
        'group "one" has no coordinates: it counts as being at 0,0, and may get cachegroups far away; give it a location that is a cachegroup with coordinates',
      ],
    ],
  ] as const) {
    it(`a problem is told: a cachegroup ${what}`, () => {
      assert.deepEqual(told(assign({ groups, cachegroups, previous: null })), problems);
    });
  }
});

/** Two cachegroups of one bucket. */
function sameBucket(): [CachegroupName, CachegroupName] {
  const first = cachegroupName('cg-0');
  for (let i = 1; ; i++) {
    const second = cachegroupName(`cg-${i}`);
    if (bucketOf(second) === bucketOf(first)) return [first, second];
  }
}
