import { byByteOrder } from '../byte-order.ts';
import { stableHash } from '../stable-hash.ts';
import type { Redundancy } from './document.ts';

/** Caches (inside a group) and cachegroups (between groups) fall into this many buckets. */
export const BUCKETS = 256;

/** The bucket of a name, 0 to 255: the same on every machine and in every version. */
export function bucketOf(name: string): number {
  return stableHash(name) % BUCKETS;
}

/** For each bucket its owners, in order. */
export type BucketOwners<Member extends string> = readonly (readonly Member[])[];

/**
 * Shares the buckets out over the members of a group, so that each bucket has as many owners as `redundancy` says, or
 * all members where there are fewer. Depends on the names only, so that all members come to the same result alone.
 * Loads differ by one bucket at most. A member that joins at the end (`emea-2` after `emea-1`, `emea-10` after `emea-9`)
 * takes its share and moves nothing else; when the last one leaves, only what it had moves. Members that come and go
 * elsewhere move more: for members that are down use `liveBucketOwners`.
 */
export function bucketOwners<Member extends string>(
  members: readonly Member[],
  redundancy: Redundancy,
): BucketOwners<Member> {
  const joining = [...new Set(members)].sort(byOrdinal);
  const copies = redundancy === 'All' ? joining.length : Math.min(redundancy, joining.length);
  const shares = new Map<Member, Set<number>>();
  for (const member of joining) {
    if (shares.size < copies) shares.set(member, new Set(Array(BUCKETS).keys()));
    else shares.set(member, takeShare(member, shares, Math.floor((BUCKETS * copies) / (shares.size + 1))));
  }
  return ownersByBucket(shares);
}

/**
 * The owners of each bucket while some members are down: what they have is polled by live members, those with the
 * fewest buckets first. Nothing else moves, and all of it goes back when they return. Where there are not enough live
 * members a bucket has fewer owners.
 */
export function liveBucketOwners<Member extends string>(
  members: readonly Member[],
  redundancy: Redundancy,
  live: ReadonlySet<Member>,
): BucketOwners<Member> {
  const wanted = bucketOwners(members, redundancy);
  const owners = wanted.map((ofBucket) => ofBucket.filter((member) => live.has(member)));
  const loads = new Map<Member, number>();
  for (const member of [...new Set(members)].sort(byOrdinal)) if (live.has(member)) loads.set(member, 0);
  for (const member of owners.flat()) loads.set(member, (loads.get(member) ?? 0) + 1);
  for (const [bucket, ofBucket] of owners.entries()) {
    const missing = (wanted[bucket]?.length ?? 0) - ofBucket.length;
    for (let i = 0; i < missing; i++) {
      const standIn = leastLoaded(loads, ofBucket, bucket);
      if (standIn === null) break;
      ofBucket.push(standIn);
      loads.set(standIn, (loads.get(standIn) ?? 0) + 1);
    }
    ofBucket.sort(byOrdinal);
  }
  return owners;
}

/** Takes `size` buckets, one after the other, each from whoever has the most; which ones, a hash decides. */
function takeShare<Member extends string>(
  taker: Member,
  shares: ReadonlyMap<Member, Set<number>>,
  size: number,
): Set<number> {
  const wanted = [...Array(BUCKETS).keys()].sort((a, b) => rankOf(taker, b) - rankOf(taker, a) || a - b);
  const taken = new Set<number>();
  while (taken.size < size) {
    let giver: Set<number> | null = null;
    let given: number | undefined;
    for (const share of shares.values()) {
      if (giver !== null && share.size <= giver.size) continue;
      const bucket = wanted.find((one) => share.has(one) && !taken.has(one));
      if (bucket === undefined) continue;
      giver = share;
      given = bucket;
    }
    if (giver === null || given === undefined) break;
    giver.delete(given);
    taken.add(given);
  }
  return taken;
}

function leastLoaded<Member extends string>(
  loads: ReadonlyMap<Member, number>,
  owners: readonly Member[],
  bucket: number,
): Member | null {
  let best: Member | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [member, load] of loads) {
    if (load > least || owners.includes(member)) continue;
    if (load === least && best !== null && rankOf(member, bucket) <= rankOf(best, bucket)) continue;
    best = member;
    least = load;
  }
  return best;
}

const rankOf = (member: string, bucket: number): number => stableHash(`${member}/${bucket}`);

function ownersByBucket<Member extends string>(
  shares: ReadonlyMap<Member, ReadonlySet<number>>,
): BucketOwners<Member> {
  const owners = Array.from({ length: BUCKETS }, (): Member[] => []);
  for (const [member, buckets] of shares) for (const bucket of buckets) owners[bucket]?.push(member);
  return owners;
}

/** `emea-9` before `emea-10`: the order in which members of a StatefulSet join. */
function byOrdinal(a: string, b: string): number {
  return a.length - b.length || byByteOrder(a, b);
}
