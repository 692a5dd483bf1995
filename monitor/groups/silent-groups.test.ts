import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupName } from '../../common/ids.ts';
import { SilentGroups } from './silent-groups.ts';

const AFTER_MS = 60_000;
const apac = groupName('apac');
const emea = groupName('emea');

/** Both have answered at 0. */
function followed(): SilentGroups {
  const groups = new SilentGroups();
  groups.follow([apac, emea], 0);
  groups.pass(0, AFTER_MS);
  return groups;
}

/** Every second, from after one time until another. @returns the silent ones by then */
function passing(groups: SilentGroups, fromMs: number, toMs: number): string[] {
  for (let nowMs = fromMs + 1000; nowMs <= toMs; nowMs += 1000) groups.pass(nowMs, AFTER_MS);
  return [...groups.groups];
}

describe('a group of which no member answers', () => {
  it('is silent after a while, until one does', () => {
    const groups = followed();
    groups.answered(emea, 30_000);
    assert.deepEqual(passing(groups, 0, 59_000), []);
    assert.deepEqual(passing(groups, 59_000, 60_000), [apac]);
    groups.answered(apac, 60_500);
    assert.deepEqual(passing(groups, 60_000, 61_000), []);
  });

  it('is never silent if that is switched off', () => {
    const groups = followed();
    groups.pass(1_000_000, 0);
    assert.deepEqual([...groups.groups], []);
  });

  it('is forgotten with the assignment that named it', () => {
    const groups = followed();
    assert.deepEqual(passing(groups, 0, 60_000), [apac, emea]);
    groups.follow([emea], 60_000);
    assert.deepEqual([...groups.groups], [emea]);
  });
});

describe('a monitor that did not listen itself', () => {
  it('takes the time in which it was stopped for no silence of others', () => {
    const groups = followed();
    passing(groups, 0, 10_000);
    groups.pass(100_000, AFTER_MS);
    assert.deepEqual([...groups.groups], []);
    assert.deepEqual(passing(groups, 100_000, 149_000), []);
    assert.deepEqual(passing(groups, 149_000, 150_000), [apac, emea]);
  });

  it('nor the leap of a clock that is set', () => {
    for (const leapMs of [3_600_000, -3_600_000]) {
      const groups = followed();
      passing(groups, 0, 10_000);
      groups.pass(leapMs, AFTER_MS);
      assert.deepEqual(passing(groups, leapMs, leapMs + 49_000), [], `${leapMs}`);
      assert.deepEqual(passing(groups, leapMs, leapMs + 50_000), [apac, emea], `${leapMs}`);
    }
  });
});
