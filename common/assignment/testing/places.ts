import fc from 'fast-check';
import { cachegroupName, groupName } from '../../ids.ts';
import type { CachegroupPlace, GroupPlace } from '../closest.ts';

/** Few enough of them that ties happen. */
const coordinates = fc.option(
  fc.record({
    latitude: fc.integer({ min: -9, max: 9 }).map((tens) => tens * 10),
    longitude: fc.integer({ min: -18, max: 18 }).map((tens) => tens * 10),
  }),
);

const name = fc.stringMatching(/^[a-c][0-9]{1,2}$/);

export const groupPlaces: fc.Arbitrary<GroupPlace[]> = fc.uniqueArray(
  fc.record({ name: name.map(groupName), coordinates }),
  { maxLength: 12, selector: (group) => group.name },
);

export const cachegroupPlaces: fc.Arbitrary<CachegroupPlace[]> = fc.uniqueArray(
  fc.record({ name: name.map(cachegroupName), coordinates }),
  { maxLength: 60, selector: (cachegroup) => cachegroup.name },
);
