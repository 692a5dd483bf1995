import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { conditions, initialState, readState, sortKeys, views, writeState } from './page/page-state.js';

describe('the fragment of the URL', () => {
  it('holds all that is looked at', () => {
    const state = fc.record({
      view: fc.constantFrom(...views),
      text: fc.string(),
      cachegroup: fc.string(),
      type: fc.string(),
      condition: fc.constantFrom('' as const, ...conditions),
      sort: fc.constantFrom(...sortKeys),
      descending: fc.boolean(),
      cache: fc.string(),
    });
    fc.assert(fc.property(state, (each) => assert.deepEqual(readState(writeState(each)), { ...each })));
  });

  it('is short while nothing is chosen', () => {
    assert.equal(writeState(initialState), '#caches');
    assert.equal(writeState({ ...initialState, condition: 'down', text: 'a b' }), '#caches?q=a+b&state=down');
  });

  for (const fragment of ['', '#', '#nonsense', '#caches?state=upside&sort=colour&order=', '#?%zz']) {
    it(`"${fragment}" is as at the start`, () => assert.deepEqual(readState(fragment), initialState));
  }
});
