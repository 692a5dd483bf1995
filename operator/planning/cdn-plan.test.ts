import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { succession } from '../../common/assignment/encode-document.ts';
import { cachegroupName, cdnName, type GroupName, groupName, monitorName } from '../../common/ids.ts';
import { type CdnPlan, isReleased, planCdn } from './cdn-plan.ts';
import type { GroupFacts, PlanFacts } from './group-facts.ts';
import type { PlanMemory } from './plan-memory.ts';

const times = { failoverAfterMs: 10_000, failbackAfterMs: 20_000, handoverTimeoutMs: 60_000 };

function group(name: string, changes: Partial<GroupFacts> = {}): GroupFacts {
  return {
    name: groupName(name),
    state: 'active',
    coordinates: { latitude: 0, longitude: name.charCodeAt(0) },
    strategy: 'closest',
    claims: [],
    excludes: [],
    redundancy: 'All',
    members: [{ name: monitorName(`tm-${name}-0`), host: '198.18.0.1', port: 8080 }],
    live: true,
    sinceMs: 0,
    hasLived: true,
    wasOnDuty: true,
    polledRevision: Number.MAX_SAFE_INTEGER,
    times,
    ...changes,
  };
}

const cachegroups = Array.from({ length: 12 }, (_, i) => ({
  name: cachegroupName(`cg-${String(i).padStart(2, '0')}`),
  coordinates: { latitude: i, longitude: 97 + i / 4 },
}));

const facts = (groups: readonly GroupFacts[], changes: Partial<PlanFacts> = {}): PlanFacts => ({
  cdn: cdnName('cdn1'),
  groups,
  cachegroups,
  documents: new Map(),
  reportedRevision: 0,
  nowMs: 0,
  ...changes,
});

/** The cluster as the operator would leave it: documents written, nothing else. */
const written = (plan: CdnPlan): Pick<PlanFacts, 'documents'> => ({ documents: plan.documents });

const cachegroupsOf = (plan: CdnPlan, name: string): readonly string[] =>
  [...plan.documents.values()][0]?.groups.find((one) => one.name === name)?.cachegroups ?? [];

/** Plans until nothing changes any more. */
function settled(start: PlanFacts, memory: PlanMemory | null = null): CdnPlan {
  let plan = planCdn(start, memory);
  for (let round = 0; round < 5; round++) plan = planCdn({ ...start, ...written(plan) }, plan.memory);
  return plan;
}

describe('the plan of a CDN', () => {
  test('begins with revision 1, and every cachegroup has a group', () => {
    const plan = planCdn(facts([group('a'), group('b')]), null);
    assert.equal(plan.revision, 1);
    assert.equal(cachegroupsOf(plan, 'a').length + cachegroupsOf(plan, 'b').length, 12);
    assert.deepEqual([...plan.documents.keys()], ['a', 'b']);
  });

  test('does not change while nothing does: no new revision, the same bytes', () => {
    const start = facts([group('a'), group('b')]);
    const first = settled(start);
    const again = planCdn({ ...start, ...written(first), nowMs: 99_000 }, first.memory);
    assert.equal(again.revision, first.revision);
    for (const [name, document] of again.documents) {
      assert.equal(succession(first.documents.get(name) ?? null, document), 'same');
    }
  });

  test('a group that is added is named beside the old owner, and alone only when it has polled', () => {
    const before = settled(facts([group('a')]));
    const young = group('b', { polledRevision: null });
    const both = planCdn(facts([group('a'), young], written(before)), before.memory);
    assert.equal(both.revision, before.revision + 1);
    assert.ok(cachegroupsOf(both, 'b').length > 0);
    assert.equal(cachegroupsOf(both, 'a').length, 12, 'the old owner polls on');
    const waiting = planCdn(facts([group('a'), young], { ...written(both), nowMs: 1000 }), both.memory);
    assert.equal(waiting.revision, both.revision);
    const done = planCdn(
      facts([group('a'), group('b', { polledRevision: both.revision })], { ...written(both), nowMs: 2000 }),
      both.memory,
    );
    assert.equal(cachegroupsOf(done, 'a').length + cachegroupsOf(done, 'b').length, 12);
  });

  test('a deleted group polls on until others have taken over', () => {
    const before = settled(facts([group('a'), group('b')]));
    const leaving = group('b', { state: 'leaving' });
    const both = planCdn(facts([group('a', { polledRevision: 0 }), leaving], written(before)), before.memory);
    assert.ok(!isReleased(groupName('b'), both));
    assert.equal(cachegroupsOf(both, 'a').length, 12);
    assert.ok(cachegroupsOf(both, 'b').length > 0);
    const after = settled(facts([group('a'), leaving], written(both)), both.memory);
    assert.ok(isReleased(groupName('b'), after));
  });

  test('a paused group keeps what it has and is given nothing, and its document is left alone', () => {
    const before = settled(facts([group('a'), group('b')]));
    const kept = cachegroupsOf(before, 'b');
    const paused = settled(
      facts([group('a'), group('b', { state: 'paused' }), group('c')], written(before)),
      before.memory,
    );
    assert.deepEqual(cachegroupsOf(paused, 'b'), kept);
    assert.ok(!paused.documents.has(groupName('b')));
  });

  test('a group that is deleted while all others are paused polls on until one of them is not', () => {
    const before = settled(facts([group('a'), group('b')]));
    const leaving = group('b', { state: 'leaving' });
    const paused = group('a', { state: 'paused' });
    const inForce = new Map(before.documents);
    const waiting = settled(facts([paused, leaving], { documents: inForce }), before.memory);
    assert.ok(!isReleased(groupName('b'), waiting));
    assert.deepEqual(cachegroupsOf(waiting, 'b'), cachegroupsOf(before, 'b'));
    assert.deepEqual(waiting.plan.problems, []);
    const after = settled(facts([group('a'), leaving], { documents: inForce }), waiting.memory);
    assert.ok(isReleased(groupName('b'), after));
  });

  test('with all groups paused there are no new revisions, and one when they go on', () => {
    const before = settled(facts([group('a')]));
    const paused = [group('a', { state: 'paused' })];
    const during = settled(facts(paused, written(before)), before.memory);
    assert.equal(during.revision, before.revision);
    const after = settled(facts([group('a')], written(before)), during.memory);
    assert.equal(after.revision, before.revision + 1);
  });

  test('a group that is down for long enough is stood in for, and gets everything back when it has stayed', () => {
    const start = settled(facts([group('a'), group('b')]));
    const own = cachegroupsOf(start, 'b');
    const down = group('b', { live: false, sinceMs: 5000, polledRevision: null });
    const early = planCdn(facts([group('a'), down], { ...written(start), nowMs: 14_000 }), start.memory);
    assert.equal(early.revision, start.revision);
    assert.equal(early.wakeAtMs, 15_000);
    const late = planCdn(facts([group('a'), down], { ...written(start), nowMs: 15_000 }), start.memory);
    assert.ok(late.offDuty.has(groupName('b')));
    assert.equal(cachegroupsOf(late, 'a').length, 12);
    const back = group('b', { live: true, sinceMs: 30_000 });
    const stayed = settled(facts([group('a'), back], { ...written(late), nowMs: 50_000 }), late.memory);
    assert.deepEqual(cachegroupsOf(stayed, 'b'), own);
  });

  const moved = group('b', { members: [{ name: monitorName('tm-b-0'), host: '198.18.0.9', port: 8080 }] });

  test('a group of which nobody has lived yet is on duty as soon as somebody does', () => {
    const young = { hasLived: false, live: false, polledRevision: null };
    const start = settled(facts([group('a'), group('b', young)]));
    const late = { ...facts([group('a'), group('b', young)], written(start)), nowMs: 11_000 };
    const down = planCdn(late, start.memory);
    assert.deepEqual([...down.offDuty], ['b']);
    const alive = group('b', { sinceMs: 12_000 });
    const up = planCdn(facts([group('a'), alive], { ...written(down), nowMs: 12_000 }), down.memory);
    assert.deepEqual([...up.offDuty], []);
  });

  test('a group that was off duty is so after a restart of the operator too', () => {
    const down = { live: false, sinceMs: 100_000, polledRevision: null, wasOnDuty: false };
    const plan = planCdn(facts([group('a'), group('b', down)], { nowMs: 100_000 }), null);
    assert.deepEqual([...plan.offDuty], ['b']);
    assert.equal(cachegroupsOf(plan, 'a').length, 12);
  });

  test('a pod with a new address makes a new revision for everybody, after others had time to come with it', () => {
    const before = settled(facts([group('a'), group('b')]));
    const early = planCdn(facts([group('a'), moved], written(before)), before.memory);
    assert.equal(early.revision, before.revision);
    assert.deepEqual(early.documents, before.documents);
    assert.equal(early.wakeAtMs, 1040);
    const after = planCdn(facts([group('a'), moved], { ...written(early), nowMs: 1040 }), early.memory);
    assert.equal(after.revision, before.revision + 1);
    assert.match(JSON.stringify(after.documents.get(groupName('a'))), /198\.18\.0\.9/);
  });

  describe('with many groups', () => {
    const many = Array.from({ length: 120 }, (_, index) => group(`g${index}`));
    const changed = many.map((one, index) => (index === 0 ? { ...one, redundancy: 1 } : one));
    const last = groupName('g119');
    const before = settled(facts(many));
    /** The last group has not got its document yet. */
    const half = new Map([...before.documents].filter(([name]) => name !== last));

    test('what is new waits until the last revision is written everywhere, and is not said to be so', () => {
      const early = planCdn(facts(changed, { documents: half, nowMs: 400 }), before.memory);
      assert.equal(early.revision, before.revision);
      assert.deepEqual(early.memory.ownership, before.memory.ownership);
      const after = planCdn(facts(changed, { ...written(early), nowMs: 500 }), early.memory);
      assert.equal(after.revision, before.revision + 1);
    });

    test('it does not wait for ever for a group that cannot be told', () => {
      const early = planCdn(facts(changed, { documents: half, nowMs: 400 }), before.memory);
      assert.equal(early.wakeAtMs, 3000);
      const after = planCdn(facts(changed, { documents: half, nowMs: 3000 }), early.memory);
      assert.equal(after.revision, before.revision + 1);
    });

    test('a failover waits for nothing', () => {
      const dead = many.map((one, index) =>
        index === 0 ? { ...one, live: false, sinceMs: 0, polledRevision: null } : one,
      );
      const after = planCdn(facts(dead, { documents: half, nowMs: 10_000 }), {
        ...before.memory,
        revisedMs: 9900,
      });
      assert.deepEqual([...after.offDuty], ['g0']);
      assert.equal(after.revision, before.revision + 1);
    });
  });

  test('a new address goes along at once with whatever else is new', () => {
    const before = settled(facts([group('a'), group('b')]));
    const after = planCdn(facts([group('a', { redundancy: 1 }), moved], written(before)), before.memory);
    assert.equal(after.revision, before.revision + 1);
    assert.match(JSON.stringify(after.documents.get(groupName('a'))), /198\.18\.0\.9/);
  });

  test('planned again before its documents were seen, it stays the same revision', () => {
    const young = group('b', { polledRevision: 0 });
    const before = settled(facts([group('a')]));
    const both = planCdn(facts([group('a'), young], written(before)), before.memory);
    const again = planCdn(facts([group('a'), young], { ...written(before), nowMs: 50 }), both.memory);
    assert.equal(again.revision, both.revision);
    assert.deepEqual(again.documents, both.documents);
    assert.equal(again.plan, both.plan, 'what was asked before is not planned anew');
  });

  test('groups that come in another order are not planned anew', () => {
    const before = settled(facts([group('a'), group('b')]));
    const after = planCdn(facts([group('b'), group('a')], written(before)), before.memory);
    assert.equal(after.plan, before.plan);
  });

  test('a document that somebody edited is replaced by a higher revision, for its monitors may have read it', () => {
    const before = settled(facts([group('a'), group('b')]));
    const own = before.documents.get(groupName('b'));
    assert.ok(own);
    const edited = new Map(before.documents).set(groupName('b'), { ...own, groups: own.groups.slice(0, 1) });
    const after = planCdn(facts([group('a'), group('b')], { documents: edited }), before.memory);
    assert.equal(after.revision, before.revision + 1);
    assert.deepEqual(after.documents.get(groupName('b'))?.groups, own.groups);
  });

  test('documents that were set back are replaced by what is newer than all that monitors have', () => {
    const before = settled(facts([group('a'), group('b')]));
    const after = planCdn(facts([group('a'), group('b')], { ...written(before), reportedRevision: 9 }), null);
    assert.equal(after.revision, 10);
  });

  test('a new redundancy makes a new revision: no revision says two things', () => {
    const before = settled(facts([group('a'), group('b')]));
    const after = planCdn(facts([group('a', { redundancy: 1 }), group('b')], written(before)), before.memory);
    assert.equal(after.revision, before.revision + 1);
  });

  test('an operator that ended between two writes is followed by one that finishes them', () => {
    const before = settled(facts([group('a'), group('b')]));
    const changed = [group('a', { redundancy: 1 }), group('b')];
    const after = planCdn(facts(changed, written(before)), before.memory);
    const half = new Map<GroupName, AssignmentDocument>(before.documents);
    const fresh = after.documents.get(groupName('a'));
    assert.ok(fresh);
    half.set(groupName('a'), fresh);
    const finished = planCdn(facts(changed, { documents: half }), null);
    assert.equal(finished.revision, after.revision);
    assert.equal(succession(fresh, finished.documents.get(groupName('a')) ?? fresh), 'same');
    assert.equal(finished.documents.get(groupName('b'))?.revision, after.revision);
  });

  test('with all ConfigMaps lost, revisions go on above what the monitors have', () => {
    const plan = planCdn(facts([group('a')], { reportedRevision: 41 }), null);
    assert.equal(plan.revision, 42);
  });
});

test('whatever comes and goes: every cachegroup has an owner, and no revision ever says two things', () => {
  const step = fc.record({
    present: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    live: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    lost: fc.boolean(),
    waitMs: fc.integer({ min: 0, max: 30_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let documents: ReadonlyMap<GroupName, AssignmentDocument> = new Map();
      let memory: PlanMemory | null = null;
      const said = new Map<string, AssignmentDocument>();
      const since = [0, 0, 0, 0];
      let was = [true, true, true, true];
      let nowMs = 0;
      for (const { present, live, lost, waitMs } of steps) {
        nowMs += waitMs;
        for (const [i, is] of live.entries()) if (is !== was[i]) since[i] = nowMs;
        was = live;
        const groups = ['a', 'b', 'c', 'd'].map((name, i) =>
          group(name, {
            live: live[i] ?? true,
            sinceMs: since[i] ?? 0,
            state: present[i] ? 'active' : 'leaving',
          }),
        );
        if (groups.every(({ state }) => state === 'leaving')) continue;
        const plan = planCdn(facts(groups, { documents, nowMs }), lost ? null : memory);
        for (const [name, document] of plan.documents) {
          const id = `${name} ${document.revision}`;
          const before = said.get(id);
          if (before !== undefined) assert.equal(succession(before, document), 'same', id);
          said.set(id, document);
          const owned = new Set(document.groups.flatMap((one) => one.cachegroups));
          assert.equal(owned.size, cachegroups.length);
        }
        ({ documents, memory } = plan);
      }
    }),
  );
});
