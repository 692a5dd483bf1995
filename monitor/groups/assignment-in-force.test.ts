import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { cachegroupName, cdnName, groupName } from '../../common/ids.ts';
import { AssignmentOffers } from './assignment-in-force.ts';

const cdn = cdnName('cdn-1');
const emea = groupName('emea');

const documentOf = (changes: Partial<AssignmentDocument> = {}): AssignmentDocument => ({
  version: 1,
  revision: 5,
  cdn,
  group: emea,
  redundancy: 'All',
  groups: [{ name: emea, cachegroups: [cachegroupName('paris')], members: [] }],
  handovers: [],
  failovers: [],
  ...changes,
});

describe('of the assignment documents that are offered', () => {
  it('the first good one is in force', () => {
    const offers = new AssignmentOffers();
    assert.equal(offers.inForce, null);
    assert.equal(offers.offer(documentOf(), 'file', cdn, 0).kind, 'accepted');
    assert.deepEqual(offers.inForce, { document: documentOf(), source: 'file' });
  });

  it('the highest revision wins, whoever brings it', () => {
    const offers = new AssignmentOffers();
    offers.offer(documentOf({ revision: 5 }), 'file', cdn, 0);
    offers.offer(documentOf({ revision: 7 }), 'configmap', cdn, 0);
    offers.offer(documentOf({ revision: 6 }), 'file', cdn, 0);
    assert.equal(offers.inForce?.document.revision, 7);
    assert.equal(offers.inForce?.source, 'configmap');
  });

  it('one that two suppliers bring is taken once', () => {
    const offers = new AssignmentOffers();
    offers.offer(documentOf(), 'configmap', cdn, 0);
    assert.equal(offers.offer(documentOf(), 'file', cdn, 0).kind, 'unchanged');
    assert.equal(offers.refusals, 0);
  });

  const refused: readonly (readonly [what: string, document: AssignmentDocument, reason: RegExp])[] = [
    ['an older one', documentOf({ revision: 4 }), /revision 4 is older than revision 5/],
    ['other content under the same revision', documentOf({ redundancy: 1 }), /revision 5 .*other content/],
    ['one of another CDN', documentOf({ revision: 6, cdn: cdnName('cdn-2') }), /CDN "cdn-2".*CDN "cdn-1"/],
    [
      'one of another group',
      documentOf({ revision: 6, group: groupName('apac') }),
      /group "apac".*group "emea"/,
    ],
  ];
  for (const [what, document, reason] of refused) {
    it(`${what} is refused with the reason; the last good one stays`, () => {
      const offers = new AssignmentOffers();
      offers.offer(documentOf(), 'file', cdn, 0);
      const outcome = offers.offer(document, 'file', cdn, 1000);
      assert.equal(outcome.kind, 'refused');
      assert.match(offers.lastRefusal?.reason ?? '', reason);
      assert.equal(offers.lastRefusal?.timeMs, 1000);
      assert.equal(offers.refusals, 1);
      assert.deepEqual(offers.inForce?.document, documentOf());
    });
  }

  it('a refusal is told until the same supplier brings something good', () => {
    const offers = new AssignmentOffers();
    offers.offer(documentOf(), 'file', cdn, 0);
    offers.refuse('file', 'it is not JSON', 1000);
    offers.offer(documentOf({ revision: 6 }), 'configmap', cdn, 2000);
    assert.equal(offers.lastRefusal?.reason, 'it is not JSON');
    offers.offer(documentOf({ revision: 7 }), 'file', cdn, 3000);
    assert.equal(offers.lastRefusal, null);
    assert.equal(offers.refusals, 1);
  });
});
