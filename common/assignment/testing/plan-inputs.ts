import fc from 'fast-check';
import type { CachegroupName, GroupName } from '../../ids.ts';
import { cachegroupName, groupName } from '../../ids.ts';
import type { CachegroupPlace, GroupPlace } from '../closest.ts';
import type { AssignableGroup, Plan, PlanInput, Strategy } from '../plan.ts';
import { describeProblem } from '../plan-problem.ts';
import { cachegroupPlaces, groupPlaces } from './places.ts';

export const strategies: readonly Strategy[] = ['closest', 'buckets'];

export const names = (...all: string[]): CachegroupName[] => all.map(cachegroupName);

/** A cachegroup on the equator. */
export const place = (name: string, longitude: number): CachegroupPlace => ({
  name: cachegroupName(name),
  coordinates: { latitude: 0, longitude },
});

/** A group on the equator. */
export const group = (
  name: string,
  longitude: number,
  changes: Partial<AssignableGroup> = {},
): AssignableGroup => assignable({ name: groupName(name), coordinates: { latitude: 0, longitude } }, changes);

export const told = (plan: Plan): string[] => plan.problems.map(describeProblem);

export function assignable(place: GroupPlace, changes: Partial<AssignableGroup> = {}): AssignableGroup {
  return { strategy: 'closest', claims: [], excludes: [], onDuty: true, ...place, ...changes };
}

/** Groups that only differ by name and place. */
export const plainInputs: fc.Arbitrary<PlanInput> = fc
  .record({ groups: groupPlaces, cachegroups: cachegroupPlaces, strategy: fc.constantFrom(...strategies) })
  .filter(({ groups }) => groups.length > 0)
  .map(({ groups, cachegroups, strategy }) => ({
    groups: groups.map((place) => assignable(place, { strategy })),
    cachegroups,
    previous: null,
  }));

/** With claims and exclusions that contradict each other, names that nobody knows, and groups that are down. */
export const anyInputs: fc.Arbitrary<PlanInput> = fc
  .record({ groups: groupPlaces, cachegroups: cachegroupPlaces })
  .chain(({ groups, cachegroups }) => {
    const names = fc.subarray([...cachegroups.map(({ name }) => name), cachegroupName('unknown')]);
    const few = fc.oneof(fc.constant([]), names);
    return fc.record({
      groups: fc.tuple(
        ...groups.map((place) =>
          fc.record({
            name: fc.constant(place.name),
            coordinates: fc.constant(place.coordinates),
            strategy: fc.constantFrom(...strategies),
            claims: few,
            excludes: few,
            onDuty: fc.boolean(),
          }),
        ),
      ),
      cachegroups: fc.constant(cachegroups),
      previous: fc.constant(null),
    });
  });

/** How many cachegroups, of those that both plans have, are somewhere else. */
export function moved(
  before: ReadonlyMap<CachegroupName, GroupName>,
  after: ReadonlyMap<CachegroupName, GroupName>,
): number {
  return [...after].filter(([name, owner]) => (before.get(name) ?? owner) !== owner).length;
}

export function countsOf(plan: Plan, groups: readonly GroupPlace[]): number[] {
  const owners = [...plan.homes.values()];
  return groups.map(({ name }) => owners.filter((owner) => owner === name).length);
}

/** A CDN of that size, spread over the world, the same each time. */
export function worldOf(
  groups: number,
  cachegroups: number,
): { groups: GroupPlace[]; cachegroups: CachegroupPlace[] } {
  const at = (index: number) => ({
    latitude: ((index * 37) % 140) - 70,
    longitude: ((index * 101) % 360) - 180,
  });
  return {
    groups: Array.from({ length: groups }, (_, i) => ({
      name: groupName(`group-${i}`),
      coordinates: at(i * 7),
    })),
    cachegroups: Array.from({ length: cachegroups }, (_, i) => ({
      name: cachegroupName(`cg-${i}`),
      coordinates: at(i + i / 360),
    })),
  };
}
