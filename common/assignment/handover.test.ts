import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cachegroupName, groupName } from '../ids.ts';
import { decodeAssignment } from './decode-document.ts';
import {
  type GroupProgress,
  type HandoverStep,
  type Ownership,
  ownershipIn,
  planHandover,
} from './handover.ts';
import { handoverHistories, runHistory } from './testing/handover-model.ts';

const TIMEOUT_MS = 30_000;
const cg = cachegroupName('cg');
const [a, b, c] = [groupName('a'), groupName('b'), groupName('c')];

const live = (polledRevision: number | null = null): GroupProgress => ({
  live: true,
  polledRevision,
  handoverTimeoutMs: TIMEOUT_MS,
});
const down: GroupProgress = { live: false, polledRevision: null, handoverTimeoutMs: TIMEOUT_MS };

const ownedBy = (...owners: string[]): Ownership => ({
  revision: 7,
  owners: new Map([[cg, owners.map(groupName)]]),
  pending: [],
});

function step(
  current: Ownership,
  to: string | null,
  progress: Readonly<Record<string, GroupProgress>>,
  nowMs = 0,
): HandoverStep {
  return planHandover({
    current,
    desired: to === null ? new Map() : new Map([[cg, groupName(to)]]),
    progress: new Map(Object.entries(progress).map(([name, one]) => [groupName(name), one])),
    nowMs,
  });
}

const ownersIn = ({ next }: HandoverStep) => next.owners.get(cg);

describe('a hand-over', () => {
  const begun = step(ownedBy('a'), 'b', { a: live(7), b: live(7) }, 1000);

  it('first names the new owner beside the old one, in the next revision', () => {
    assert.deepEqual(begun.next, {
      revision: 8,
      owners: new Map([[cg, [a, b]]]),
      pending: [{ cachegroup: cg, from: a, to: b, revision: 8, sinceMs: 1000 }],
    });
    assert.equal(begun.changed, true);
  });

  it('waits while the new owner has not polled that revision', () => {
    for (const polled of [null, 7]) {
      const waiting = step(begun.next, 'b', { a: live(8), b: live(polled) }, 2000);
      assert.equal(waiting.changed, false);
      assert.deepEqual(waiting.next, begun.next);
      assert.equal(waiting.wakeAtMs, 1000 + TIMEOUT_MS);
    }
  });

  it('takes the old owner out when the new one has polled that revision, or a later one', () => {
    for (const polled of [8, 9]) {
      const done = step(begun.next, 'b', { a: live(8), b: live(polled) }, 2000);
      assert.deepEqual(done.next, { revision: 9, owners: new Map([[cg, [b]]]), pending: [] });
      assert.equal(done.wakeAtMs, null);
    }
  });

  it('takes the old owner out at its time-out, if the new one is live', () => {
    assert.deepEqual(ownersIn(step(begun.next, 'b', { a: live(8), b: live(7) }, 1000 + TIMEOUT_MS)), [b]);
  });

  it('never ends with a new owner that is down, and does not ask again and again', () => {
    const late = step(begun.next, 'b', { a: live(8), b: down }, 1000 + TIMEOUT_MS);
    assert.deepEqual(ownersIn(late), [a, b]);
    assert.equal(late.changed, false);
    assert.equal(late.wakeAtMs, null);
  });

  it('does not wait for an old owner that is down', () => {
    assert.deepEqual(ownersIn(step(ownedBy('a'), 'b', { a: down, b: live(7) })), [b]);
    assert.deepEqual(ownersIn(step(begun.next, 'b', { a: down, b: live(7) })), [b]);
  });

  it('keeps an old owner that is down while the new one is down too: either may be back first', () => {
    assert.deepEqual(ownersIn(step(ownedBy('a'), 'b', { a: down, b: down })), [a, b]);
  });

  it('takes out an old owner that does not exist any more', () => {
    assert.deepEqual(ownersIn(step(ownedBy('a'), 'b', { b: down })), [b]);
  });

  it('goes back at once when the old owner shall keep it and has polled it all along', () => {
    const back = step(begun.next, 'a', { a: live(8), b: live(7) }, 2000);
    assert.deepEqual(back.next, { revision: 9, owners: new Map([[cg, [a]]]), pending: [] });
  });

  it('does not go back before an old owner that has started anew has polled again', () => {
    const back = step(begun.next, 'a', { a: live(), b: live(7) }, 2000);
    assert.deepEqual(ownersIn(back), [a, b]);
    assert.deepEqual(ownersIn(step(back.next, 'a', { a: live(8), b: live(7) }, 3000)), [a]);
  });

  it('goes on from the old owner when a third one shall have it', () => {
    const third = step(begun.next, 'c', { a: live(8), b: live(7), c: live(7) }, 2000);
    assert.deepEqual(third.next, {
      revision: 9,
      owners: new Map([[cg, [a, c]]]),
      pending: [{ cachegroup: cg, from: a, to: c, revision: 9, sinceMs: 2000 }],
    });
  });

  it('goes on from the new owner when a third one shall have it and the old one is down or has started anew', () => {
    for (const old of [down, live()]) {
      const third = step(begun.next, 'c', { a: old, b: live(8), c: live(7) }, 2000);
      assert.deepEqual(ownersIn(third), [b, c]);
    }
  });

  it('stays as it is when it shall go back to an owner that is down', () => {
    const waiting = step(begun.next, 'a', { a: down, b: live(8) }, 2000);
    assert.equal(waiting.changed, false);
    assert.deepEqual(ownersIn(step(waiting.next, 'a', { a: live(8), b: live(8) }, 3000)), [a]);
  });
});

describe('without a hand-over', () => {
  it('nothing changes', () => {
    const settled = step(ownedBy('a'), 'a', { a: live(7) });
    assert.equal(settled.changed, false);
    assert.deepEqual(settled.next, ownedBy('a'));
  });

  it('a new cachegroup has one owner at once', () => {
    const empty: Ownership = { revision: 7, owners: new Map(), pending: [] };
    assert.deepEqual(ownersIn(step(empty, 'a', { a: live(7) })), [a]);
  });

  it('one that nobody shall poll is dropped', () => {
    const dropped = step(ownedBy('a', 'b'), null, { a: live(7), b: live(7) });
    assert.deepEqual(dropped.next, { revision: 8, owners: new Map(), pending: [] });
  });
});

it('an operator that has just started knows from the document what is under way', () => {
  const document = decodeAssignment(
    JSON.stringify({
      version: 1,
      revision: 8,
      cdn: 'cdn',
      group: 'a',
      redundancy: 'All',
      groups: [
        { name: 'a', cachegroups: ['cg'], members: [] },
        { name: 'b', cachegroups: ['cg'], members: [] },
      ],
      handovers: [{ cachegroup: 'cg', from: 'a', to: 'b' }],
    }),
  );
  const current = ownershipIn(document, 5000);
  const waiting = step(current, 'b', { a: live(8), b: live(7) }, 5001);
  assert.equal(waiting.changed, false);
  assert.equal(waiting.wakeAtMs, 5000 + TIMEOUT_MS);
  assert.deepEqual(ownersIn(step(current, 'b', { a: live(8), b: live(8) }, 5001)), [b]);
  assert.deepEqual(ownersIn(step(current, 'c', { a: live(8), b: live(8), c: live(8) }, 5001)), [a, c]);
});

describe('whatever groups and monitors do', () => {
  it('a cachegroup that a live group polls goes on being polled by a live group', () => {
    fc.assert(
      fc.property(handoverHistories, (history) => {
        for (const { at, polledBefore, polledAfter, liveOwner, liveCandidate } of runHistory(
          history,
          'patient',
        )) {
          if (polledBefore) assert.ok(polledAfter, `not polled any more after step ${at}`);
          if (liveCandidate) assert.ok(liveOwner, `no live owner after step ${at}`);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('with time-outs too it has a live owner if it had one or can get one', () => {
    fc.assert(
      fc.property(handoverHistories, (history) => {
        for (const { at, liveOwner, liveCandidate } of runHistory(history, 'hasty'))
          if (liveCandidate) assert.ok(liveOwner, `no live owner after step ${at}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('it has one or two owners, one of them the desired one, and revisions rise by one with each change', () => {
    fc.assert(
      fc.property(handoverHistories, (history) => {
        let revision = 0;
        for (const {
          owners,
          desired,
          step: { next, changed },
        } of runHistory(history, 'hasty')) {
          assert.equal(next.revision, changed ? revision + 1 : revision);
          revision = next.revision;
          assert.ok(owners.length <= 2 && owners.includes(desired), `${owners}`);
          assert.equal(next.pending.length > 0, owners.length === 2);
        }
      }),
    );
  });

  it('once all are live and report, two steps are enough, and the third changes nothing', () => {
    fc.assert(
      fc.property(handoverHistories, (history) => {
        const last = runHistory(history, 'patient').at(-1);
        if (last === undefined) return;
        let current = last.step.next;
        const desired = new Map([[cg, c]]);
        const next = () =>
          planHandover({
            current,
            desired,
            progress: new Map([a, b, c].map((name) => [name, live(current.revision)])),
            nowMs: 1e9,
          });
        current = next().next;
        current = next().next;
        assert.deepEqual(current.owners, new Map([[cg, [c]]]));
        assert.equal(next().changed, false);
      }),
    );
  });
});
