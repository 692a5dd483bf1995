import fc from 'fast-check';
import { cachegroupName, cdnName, groupName, monitorName } from '../../ids.ts';
import type { AssignmentDocument } from '../document.ts';

const name = fc.string({ minLength: 1, maxLength: 12 });
const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
const names = fc.uniqueArray(name, { maxLength: 6 });

const group = fc.record({
  name: name.map(groupName),
  cachegroups: names.map((all) => all.map(cachegroupName)),
  members: fc.array(fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }), { maxLength: 3 }),
});

/** All kinds of valid documents. */
export const assignmentDocuments: fc.Arbitrary<AssignmentDocument> = fc
  .record({
    revision: fc.integer({ min: 1 }),
    cdn: name.map(cdnName),
    redundancy: fc.oneof(fc.constant('All' as const), fc.integer({ min: 1, max: 9 })),
    groups: fc.uniqueArray(group, { minLength: 1, maxLength: 5, selector: (one) => one.name }),
    own: fc.nat(),
    moved: names,
  })
  .map(({ revision, cdn, redundancy, groups, own, moved }) => {
    const at = (index: number) => groups[index % groups.length]?.name ?? groupName('');
    return {
      version: 1,
      revision,
      cdn,
      group: at(own),
      redundancy,
      groups: groups.map((one) => ({
        ...one,
        members: one.members.map((member, index) => ({
          ...member,
          name: monitorName(`${one.name}-${index}`),
        })),
      })),
      handovers: moved.map((cachegroup, index) => ({
        cachegroup: cachegroupName(cachegroup),
        from: at(index),
        to: at(index + 1),
      })),
      failovers: moved.map((cachegroup, index) => ({
        cachegroup: cachegroupName(cachegroup),
        home: at(index + 1),
        standIn: at(index),
      })),
    };
  });
