import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheServer, recordGood, statesOf } from '../testing/configs.ts';
import type { CrStatesView } from './cr-states.ts';
import { crStatesViews } from './cr-states-views.ts';

const namesOf = (view: CrStatesView): string[] => view.sorted.map(({ subject }) => subject.name);

/** Three caches: this monitor polls `own`, another of its group `mate`, another group `far`. */
function threeCaches() {
  const states = statesOf({ caches: ['far', 'mate', 'own'].map((name) => cacheServer(name)) });
  const known = new Set<string>(['own']);
  const views = crStatesViews(states, states.combined, {
    isOwnWord: (cache) => known.has(cache),
    isGroupsWord: (cache) => cache !== 'far',
  });
  return { states, known, views };
}

describe('the views of CrStates in distributed mode', () => {
  it('are all caches, those polled here, and those of the group', () => {
    const { views } = threeCaches();
    assert.deepEqual(namesOf(views.all), ['far', 'mate', 'own']);
    assert.deepEqual(namesOf(views.raw), ['own']);
    assert.deepEqual(namesOf(views.local), ['mate', 'own']);
  });

  it('stay the same array while they have the same caches, though verdicts change', () => {
    const { states, known, views } = threeCaches();
    const before = views.raw.sorted;
    recordGood(states, 'own', 1000);
    assert.equal(views.raw.sorted, before);
    known.add('mate');
    assert.notEqual(views.raw.sorted, before);
    assert.deepEqual(namesOf(views.raw), ['mate', 'own']);
  });
});

describe('the views of CrStates in legacy mode', () => {
  it('are all caches: what this monitor sees, and with its peers', () => {
    const { states } = threeCaches();
    const views = crStatesViews(states, states.combined, null);
    for (const view of [views.all, views.raw, views.local]) assert.equal(namesOf(view).length, 3);
    assert.equal(views.raw.sorted, states.sorted);
    assert.equal(views.local, views.all);
  });
});
