import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CdnHappening, CdnModel, cdnHistories } from './testing/cdn-model.ts';
import { strategies } from './testing/plan-inputs.ts';

const models = fc
  .record({
    strategy: fc.constantFrom(...strategies),
    groups: fc.nat({ max: 4 }),
    cachegroups: fc.nat({ max: 12 }),
  })
  .map(
    ({ strategy, groups, cachegroups }) =>
      () =>
        new CdnModel(strategy, groups, cachegroups),
  );

/** Everything comes to rest: all groups are live for long, and do as they are told. */
function settle(model: CdnModel): void {
  for (const kind of ['returns', 'applies and polls'] as const) allGroups(model, kind);
  for (let i = 0; i < 4; i++) {
    model.happen({ kind: 'time passes', ms: 1000 });
    model.look();
    allGroups(model, 'applies and polls');
  }
}

function allGroups(model: CdnModel, kind: 'returns' | 'applies and polls'): void {
  for (const name of model.groups.keys()) model.happen({ kind, group: Number(name.split('-')[1]) });
}

describe('while groups come, go, die and return, cachegroups change, and the operator starts anew', () => {
  it('no cachegroup that a live group polls is ever left, and each has one or two owners', () => {
    fc.assert(
      fc.property(models, cdnHistories, (modelOf, history) => {
        const model = modelOf();
        for (const happening of history) {
          // Time-outs end hand-overs that nobody reports; they have tests of their own.
          if (happening.kind === 'time passes' && model.handovers > 0) continue;
          model.happen(happening);
          const before = model.polled;
          model.look();
          const after = model.polled;
          // With the last group all polling ends.
          if ([...model.groups.values()].every(({ deleted }) => deleted)) continue;
          for (const { name } of model.cachegroups) {
            assert.ok(!before.has(name) || after.has(name), `${name} is left by ${model.ownersOf(name)}`);
            const { length } = model.ownersOf(name);
            assert.ok(length === 1 || length === 2, `${name}: ${model.ownersOf(name)}`);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('everything is polled by exactly one group when it has come to rest, and nothing changes any more', () => {
    fc.assert(
      fc.property(models, cdnHistories, (modelOf, history) => {
        const model = modelOf();
        for (const happening of history) {
          model.happen(happening);
          model.look();
        }
        settle(model);
        const { changed, plan } = model.look();
        assert.equal(changed, false);
        assert.equal(model.handovers, 0);
        const deleted = [...model.groups.values()].every((group) => group.deleted);
        if (deleted) return;
        for (const { name } of model.cachegroups)
          assert.deepEqual(model.ownersOf(name), [plan.owners.get(name)]);
        assert.equal(model.polled.size, model.cachegroups.length);
        assert.deepEqual(plan.failovers, []);
      }),
      { numRuns: 200 },
    );
  });

  it('an operator that starts anew goes on where it was, hand-overs under way included', () => {
    const withoutDeath = cdnHistories.map((history) => history.filter(({ kind }) => kind !== 'dies'));
    fc.assert(
      fc.property(models, withoutDeath, (modelOf, history) => {
        const model = modelOf();
        for (const happening of history) {
          model.happen(happening);
          model.look();
        }
        const ownersOf = () => model.cachegroups.map(({ name }) => model.ownersOf(name).toSorted());
        const before = ownersOf();
        model.happen({ kind: 'operator starts anew' });
        assert.equal(model.look().changed, false);
        assert.deepEqual(ownersOf(), before);
      }),
    );
  });

  it('a group that died and came back polls again what it polled before', () => {
    fc.assert(
      fc.property(models, fc.nat({ max: 4 }), fc.boolean(), (modelOf, group, restarts) => {
        const model = modelOf();
        settle(model);
        const before = model.cachegroups.map(({ name }) => model.ownersOf(name));
        const happenings: CdnHappening[] = [
          { kind: 'dies', group },
          { kind: 'time passes', ms: 1000 },
          ...(restarts
            ? [{ kind: 'operator starts anew' } as const, { kind: 'time passes', ms: 1000 } as const]
            : []),
        ];
        for (const happening of happenings) {
          model.look();
          model.happen(happening);
        }
        model.look();
        settle(model);
        assert.deepEqual(
          model.cachegroups.map(({ name }) => model.ownersOf(name)),
          before,
        );
      }),
    );
  });
});
