import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CacheName, cacheName } from '../../common/ids.ts';
import { Contact } from './contact.ts';

const config = { otherGroups: 1, pollIntervalMs: 1000, peerIntervalMs: 1000 };
const caches = Array.from({ length: 50 }, (_, i) => cacheName(`edge-${i}`));
const [ill = cacheName('')] = caches;
const EVERY_MS = config.pollIntervalMs / caches.length;

const contactWith = (changes: Partial<typeof config> = {}): Contact => {
  const contact = new Contact(() => caches.length);
  contact.configure({ ...config, ...changes });
  return contact;
};

const answer = (contact: Contact, cache: CacheName, endMs: number): boolean =>
  contact.polled({ cache, endMs, durationMs: 5, isSilent: false });

/** All but the first cache answer in their turns, from one time to another. */
function othersAnswer(contact: Contact, fromMs: number, toMs: number): void {
  for (let turn = Math.ceil(fromMs / EVERY_MS); turn * EVERY_MS <= toMs; turn++) {
    const cache = caches[turn % caches.length];
    if (cache !== undefined && cache !== ill) answer(contact, cache, turn * EVERY_MS);
  }
}

const timedOut = (contact: Contact, cache: CacheName, endMs: number): boolean =>
  contact.polled({ cache, endMs, durationMs: 500, isSilent: true });

describe('a monitor in contact with the world', () => {
  it('takes a time-out for what it is while other caches answer', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    assert.equal(timedOut(contact, ill, 3001), true);
    assert.equal(contact.lostBecause(3001), null);
  });

  it('believes before long that all its caches are down, if another group answers', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    contact.groupAsked('apac', 3400, false);
    contact.groupAsked('apac', 4400, false);
    contact.groupAsked('apac', 5400, false);
    const counted = [3600, 4600, 5600].filter((endMs) => timedOut(contact, ill, endMs));
    assert.ok(counted.length > 0);
    assert.equal(contact.lostBecause(5600), null);
  });

  it('has too few caches to compare with: each time-out counts', () => {
    const contact = new Contact(() => 2);
    contact.configure(config);
    for (const cache of caches.slice(0, 2)) answer(contact, cache, 1000);
    assert.equal(timedOut(contact, ill, 1600), true);
  });

  it('in legacy mode, without other groups, every time-out counts and nothing is ever lost', () => {
    const contact = contactWith({ otherGroups: 0 });
    othersAnswer(contact, 0, 3000);
    assert.equal(timedOut(contact, ill, 9000), true);
    assert.equal(contact.lostBecause(99_000), null);
  });
});

describe('a monitor that is cut off', () => {
  it('passes time-outs over from the first one on: no cache is told down because of it', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    const counted = caches.filter((cache, index) => timedOut(contact, cache, 3501 + index * EVERY_MS));
    assert.deepEqual(counted, []);
  });

  it('passes over as well what began while it was cut off and ended when it was back', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    othersAnswer(contact, 5000, 5300);
    assert.equal(timedOut(contact, ill, 5310), false);
    othersAnswer(contact, 5310, 6000);
    assert.equal(timedOut(contact, ill, 6010), true);
  });

  it('tells nothing any more after two polls and a question to a group without a sound', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    assert.equal(contact.lostBecause(3900), null);
    assert.match(
      contact.lostBecause(4001) ?? '',
      /cut off: no cache and no other group has answered for 3 s/,
    );
  });

  it('tells again when every cache and every group was asked anew, whatever they said', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    for (const [index, cache] of caches.entries()) {
      answer(contact, cache, 9000 + index * EVERY_MS);
      assert.match(contact.lostBecause(9000 + index * EVERY_MS) ?? '', /asking all caches and groups anew/);
    }
    contact.groupAsked('apac', 9990, true);
    assert.equal(contact.lostBecause(9990), null);
  });

  it('was perhaps only stopped and continued: what it knows is as old', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    contact.groupAsked('apac', 60_000, false);
    assert.match(contact.lostBecause(60_000) ?? '', /anew/);
    for (const cache of caches) answer(contact, cache, 60_900);
    assert.equal(contact.lostBecause(60_900), null);
  });

  it('waits for caches that fail now as well: they were asked', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    contact.groupAsked('apac', 9000, false);
    othersAnswer(contact, 9001, 10_000);
    assert.notEqual(contact.lostBecause(10_000), null);
    assert.equal(timedOut(contact, ill, 10_001), true);
    assert.equal(contact.lostBecause(10_001), null);
  });

  it('waits no longer than everybody can need for an answer', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    contact.groupAsked('apac', 9000, false);
    contact.groupAsked('apac', 11_500, false);
    assert.notEqual(contact.lostBecause(12_000), null);
    contact.groupAsked('apac', 14_000, false);
    assert.equal(contact.lostBecause(15_001), null);
  });
});
