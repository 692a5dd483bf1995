import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BUCKETS, type BucketOwners, bucketOf, bucketOwners, liveBucketOwners } from './buckets.ts';
import type { Redundancy } from './document.ts';

const pods = (count: number): string[] => Array.from({ length: count }, (_, ordinal) => `emea-${ordinal}`);

const memberNames = fc.oneof(
  fc.integer({ min: 1, max: 14 }).map(pods),
  fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 9 }),
);
const redundancies: fc.Arbitrary<Redundancy> = fc.oneof(
  fc.constant('All' as const),
  fc.integer({ min: 1, max: 5 }),
);

function loadsOf(owners: BucketOwners<string>, members: readonly string[]): number[] {
  const all = owners.flat();
  return members.map((member) => all.filter((owner) => owner === member).length);
}

/** How many owners of buckets are in `after` that were not in `before`. */
function moves(before: BucketOwners<string>, after: BucketOwners<string>): number {
  return after.reduce(
    (sum, owners, bucket) => sum + owners.filter((owner) => !before[bucket]?.includes(owner)).length,
    0,
  );
}

const copiesOf = (redundancy: Redundancy, members: number): number =>
  redundancy === 'All' ? members : Math.min(redundancy, members);

describe('the bucket of a name', () => {
  it('is the same in every version', () => {
    assert.deepEqual(['edge-1', 'edge-2', 'cg-london'].map(bucketOf), [193, 55, 25]);
  });

  it('spreads names that are alike', () => {
    const counts = Array<number>(BUCKETS).fill(0);
    for (let i = 0; i < 25_600; i++) {
      const bucket = bucketOf(`edge-${i}.cdn.test`);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    assert.ok(Math.min(...counts) > 50 && Math.max(...counts) < 160, `${counts}`);
  });
});

describe('the owners of buckets', () => {
  it('are as many as redundancy says, all different; every member where it says All', () => {
    fc.assert(
      fc.property(memberNames, redundancies, (members, redundancy) => {
        const owners = bucketOwners(members, redundancy);
        assert.equal(owners.length, BUCKETS);
        for (const ofBucket of owners) {
          assert.equal(ofBucket.length, copiesOf(redundancy, members.length));
          assert.equal(new Set(ofBucket).size, ofBucket.length);
        }
      }),
    );
  });

  it('have loads that differ by one bucket at most', () => {
    fc.assert(
      fc.property(memberNames, redundancies, (members, redundancy) => {
        const loads = loadsOf(bucketOwners(members, redundancy), members);
        assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, `${loads}`);
      }),
    );
  });

  it('are the same in whatever order the members are named', () => {
    fc.assert(
      fc.property(memberNames, redundancies, (members, redundancy) => {
        assert.deepEqual(bucketOwners(members.toReversed(), redundancy), bucketOwners(members, redundancy));
      }),
    );
  });

  it('move only to the new member when a group grows by one, and back when it shrinks', () => {
    for (const redundancy of [1, 2, 3]) {
      for (const count of [3, 4, 5, 8, 9, 10, 11, 20]) {
        const small = bucketOwners(pods(count), redundancy);
        const large = bucketOwners(pods(count + 1), redundancy);
        const share = Math.floor((BUCKETS * redundancy) / (count + 1));
        assert.equal(moves(small, large), share);
        assert.deepEqual(loadsOf(large, [`emea-${count}`]), [share]);
        assert.equal(moves(large, small), share);
      }
    }
  });

  it('there are none without members', () => {
    assert.deepEqual(
      bucketOwners([], 2),
      Array.from({ length: BUCKETS }, () => []),
    );
  });
});

describe('while members are down, the owners of buckets', () => {
  const memberAndLive = memberNames.chain((members) =>
    fc.record({ members: fc.constant(members), live: fc.subarray(members).map((live) => new Set(live)) }),
  );

  it('are live, and as many as wanted or as there are live members', () => {
    fc.assert(
      fc.property(memberAndLive, redundancies, ({ members, live }, redundancy) => {
        for (const owners of liveBucketOwners(members, redundancy, live)) {
          assert.ok(owners.every((owner) => live.has(owner)));
          assert.equal(owners.length, Math.min(copiesOf(redundancy, members.length), live.size));
          assert.equal(new Set(owners).size, owners.length);
        }
      }),
    );
  });

  it('change only for the buckets of those members', () => {
    fc.assert(
      fc.property(memberAndLive, redundancies, ({ members, live }, redundancy) => {
        const all = bucketOwners(members, redundancy);
        for (const [bucket, owners] of liveBucketOwners(members, redundancy, live).entries()) {
          const kept = all[bucket]?.filter((owner) => live.has(owner)) ?? [];
          assert.ok(kept.every((owner) => owners.includes(owner)));
          if (kept.length === all[bucket]?.length) assert.deepEqual(owners, kept);
        }
      }),
    );
  });

  it('carry no more than an even share, give or take one bucket', () => {
    fc.assert(
      fc.property(memberAndLive, redundancies, ({ members, live }, redundancy) => {
        fc.pre(live.size > 0);
        const copies = Math.min(copiesOf(redundancy, members.length), live.size);
        const loads = loadsOf(liveBucketOwners(members, redundancy, live), [...live]);
        assert.ok(Math.max(...loads) <= Math.ceil((BUCKETS * copies) / live.size) + 1, `${loads}`);
      }),
    );
  });

  it('are those of the whole group when all are live', () => {
    fc.assert(
      fc.property(memberNames, redundancies, (members, redundancy) => {
        const all = bucketOwners(members, redundancy);
        assert.deepEqual(liveBucketOwners(members, redundancy, new Set(members)), all);
      }),
    );
  });
});
