import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { cachegroupName, cdnName, groupName } from '../../common/ids.ts';
import type { CacheState } from '../health/cache-state.ts';
import { PollProgress } from './poll-progress.ts';

const document = (revision: number, ...cachegroups: string[]): AssignmentDocument => ({
  version: 1,
  revision,
  cdn: cdnName('cdn1'),
  group: groupName('emea'),
  redundancy: 'All',
  groups: [
    { name: groupName('apac'), cachegroups: [cachegroupName('cg-far')], members: [] },
    { name: groupName('emea'), cachegroups: cachegroups.map(cachegroupName), members: [] },
  ],
  handovers: [],
  failovers: [],
});

/** As much of a cache's state as is looked at. */
const cache = (cachegroup: string, isDirect: boolean, polled: boolean): CacheState =>
  ({ isDirect, polled, subject: { server: { cachegroup } } }) as unknown as CacheState;

describe('the progress of a monitor', () => {
  test('names the cachegroups with a cache that it has not polled, and reaches the revision without any', () => {
    const progress = new PollProgress();
    const states = [cache('cg-a', true, true), cache('cg-b', true, true), cache('cg-b', true, false)];
    assert.deepEqual(progress.look(document(3, 'cg-a', 'cg-b'), states), {
      polledRevision: 0,
      unpolled: ['cg-b'],
    });
    const polled = [cache('cg-a', true, true), cache('cg-b', true, true)];
    assert.deepEqual(progress.look(document(3, 'cg-a', 'cg-b'), polled), { polledRevision: 3, unpolled: [] });
  });

  test('does not count what is the share of another member, nor what is polled for a silent group', () => {
    const states = [cache('cg-a', false, false), cache('cg-far', true, false)];
    assert.deepEqual(new PollProgress().look(document(3, 'cg-a'), states), {
      polledRevision: 3,
      unpolled: [],
    });
  });

  test('stays at the revision that it has reached while it works on the next', () => {
    const progress = new PollProgress();
    progress.look(document(3, 'cg-a'), []);
    assert.equal(progress.look(document(4, 'cg-a'), [cache('cg-a', true, false)]).polledRevision, 3);
    assert.equal(progress.look(document(4, 'cg-a'), [cache('cg-a', true, true)]).polledRevision, 4);
  });

  test('has everything before it while the assignment is not acted on', () => {
    assert.deepEqual(new PollProgress().look(document(3, 'cg-a', 'cg-b'), null), {
      polledRevision: 0,
      unpolled: ['cg-a', 'cg-b'],
    });
  });
});
