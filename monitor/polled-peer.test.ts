import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FetchOutcome } from './poll/exchange.ts';
import { polledPeer } from './polled-peer.ts';

const URL = 'http://tm-b.cdn.test:80/publish/CrStates?raw';

const told = (outcome: FetchOutcome) => polledPeer('tm-b', URL, { endMs: 7, outcome });
const answer = (body: string): FetchOutcome => ({ kind: 'answer', body: Buffer.from(body), contentType: '' });

describe('a poll of a peer', () => {
  it('tells what the peer says', () => {
    const { peer, endMs, outcome } = told(answer('{"caches":{"edge-1":{"isAvailable":true}}}'));
    assert.deepEqual([peer, endMs], ['tm-b', 7]);
    assert.ok(outcome.kind === 'answer');
    assert.equal(outcome.answer.caches.size, 1);
  });

  const failures: readonly [outcome: FetchOutcome, reason: string][] = [
    [
      { kind: 'failure', failure: { class: 'status', text: 'bad HTTP status: 503' } },
      `id tm-b url ${URL} fetch error: bad HTTP status: 503`,
    ],
    [answer('Service Unavailable'), `id tm-b url ${URL} its answer cannot be read: invalid JSON`],
    [answer('{"caches":{"edge-1":1}}'), 'caches["edge-1"]: expected an object, got number'],
  ];
  for (const [outcome, reason] of failures) {
    it(`or why not: ${reason}`, () => {
      const { outcome: read } = told(outcome);
      assert.ok(read.kind === 'error' && read.reason.includes(reason), JSON.stringify(read));
    });
  }
});
