import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CacheName, cacheName, monitorName } from '../../common/ids.ts';
import { Contact } from './contact.ts';

const teller = monitorName('apac-0');
const config = {
  otherGroups: [{ members: [{ name: teller }] }],
  pollIntervalMs: 1000,
  peerIntervalMs: 1000,
  isFromTrafficOps: true,
};
const caches = Array.from({ length: 50 }, (_, i) => cacheName(`edge-${i}`));
const [ill = cacheName('')] = caches;
const EVERY_MS = config.pollIntervalMs / caches.length;

const contactWith = (changes: Partial<typeof config> = {}): Contact => {
  const contact = new Contact();
  contact.configure({ ...config, ...changes });
  contact.follow(new Set(caches));
  return contact;
};

/** The other group's clock is an hour ahead. */
const AHEAD_MS = 3_600_000;

/** It answers, and tells of a cache that it reached at a time. */
const tells = (contact: Contact, endMs: number, pollMs: number, isAvailable = true): void =>
  contact.groupAsked({
    group: 'apac',
    member: teller,
    endMs,
    durationMs: 5,
    opinions: [{ isAvailable, lastPollMs: pollMs + AHEAD_MS }],
  });

const hasNews = (contact: Contact, endMs: number): void => tells(contact, endMs, endMs);

const doesNotAnswer = (contact: Contact, endMs: number): void =>
  contact.groupAsked({ group: 'apac', member: teller, endMs, durationMs: 5, opinions: null });

const answer = (contact: Contact, cache: CacheName, endMs: number): boolean =>
  contact.polled({ cache, endMs, durationMs: 5, heldUpMs: 0, isSilent: false });

/** All but the first cache answer in their turns, from one time to another. */
function othersAnswer(contact: Contact, fromMs: number, toMs: number): void {
  for (let turn = Math.ceil(fromMs / EVERY_MS); turn * EVERY_MS <= toMs; turn++) {
    const cache = caches[turn % caches.length];
    if (cache !== undefined && cache !== ill) answer(contact, cache, turn * EVERY_MS);
  }
}

const timedOut = (contact: Contact, cache: CacheName, endMs: number): boolean =>
  contact.polled({ cache, endMs, durationMs: 500, heldUpMs: 0, isSilent: true });

describe('a monitor in contact with the world', () => {
  it('takes a time-out for what it is while other caches answer', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    assert.equal(timedOut(contact, ill, 3001), true);
    assert.equal(contact.lostBecause(3001), null);
  });

  it('believes with the second time-out of each that all its caches are down, if another group has news', () => {
    const contact = contactWith({ peerIntervalMs: 2000 });
    hasNews(contact, 2500);
    othersAnswer(contact, 0, 3000);
    const roundFrom = (startMs: number): boolean[] =>
      caches.map((cache, index) => timedOut(contact, cache, startMs + index * EVERY_MS));
    assert.ok(roundFrom(3501).includes(false));
    hasNews(contact, 4500);
    assert.ok(!roundFrom(4501).includes(false));
    assert.equal(contact.lostBecause(5500), null);
  });

  it('believes it in the end though the other group has news but rarely', () => {
    const contact = contactWith({ peerIntervalMs: 10_000 });
    hasNews(contact, 2500);
    othersAnswer(contact, 0, 3000);
    let counted = 0;
    for (let endMs = 4000; endMs < 40_000; endMs += 1000) {
      if (endMs % 11_000 === 0) hasNews(contact, endMs);
      if (timedOut(contact, ill, endMs)) counted++;
    }
    assert.ok(counted > 0);
  });

  it('has too few caches to compare with: each time-out counts', () => {
    const contact = contactWith();
    for (const cache of caches.slice(0, 2)) answer(contact, cache, 1000);
    assert.equal(timedOut(contact, ill, 1600), true);
  });

  it('in legacy mode, without other groups, every time-out counts and nothing is ever lost', () => {
    const contact = contactWith({ otherGroups: [] });
    othersAnswer(contact, 0, 3000);
    assert.equal(timedOut(contact, ill, 9000), true);
    assert.equal(contact.lostBecause(99_000), null);
  });
});

describe('a monitor that is cut off', () => {
  it('passes over what was under way when it was cut off', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    assert.equal(
      contact.polled({ cache: ill, endMs: 3450, durationMs: 500, heldUpMs: 0, isSilent: true }),
      false,
    );
  });

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

  it('passes over what ends when it is back, after however long a silence', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    for (let endMs = 3600; endMs < 20_000; endMs += 1000) assert.equal(timedOut(contact, ill, endMs), false);
    othersAnswer(contact, 20_000, 20_100);
    assert.equal(timedOut(contact, ill, 20_200), false);
    othersAnswer(contact, 20_200, 20_600);
    assert.equal(timedOut(contact, ill, 20_700), true);
  });

  it('tells nothing any more after two polls and a question to a group without a sound', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    assert.equal(contact.lostBecause(3900), null);
    assert.match(
      contact.lostBecause(4001) ?? '',
      /cut off: no cache has answered, and no other group has had news, for 3 s/,
    );
  });

  it('tells again when every cache and every group was asked anew, whatever they said', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    for (const [index, cache] of caches.entries()) {
      answer(contact, cache, 9000 + index * EVERY_MS);
      assert.match(contact.lostBecause(9000 + index * EVERY_MS) ?? '', /asking all caches and groups anew/);
    }
    doesNotAnswer(contact, 9990);
    assert.equal(contact.lostBecause(9990), null);
  });

  it('was perhaps only stopped and continued: what it knows is as old', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    hasNews(contact, 1000);
    hasNews(contact, 60_000);
    assert.match(contact.lostBecause(60_000) ?? '', /anew/);
    for (const cache of caches) answer(contact, cache, 60_900);
    assert.equal(contact.lostBecause(60_900), null);
  });

  it('does not take an answer that had waited while it was stopped for one of now', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    hasNews(contact, 1000);
    contact.polled({ cache: ill, endMs: 16_000, durationMs: 15_010, heldUpMs: 15_000, isSilent: false });
    hasNews(contact, 16_001);
    othersAnswer(contact, 16_001, 17_000);
    assert.match(contact.lostBecause(17_000) ?? '', /anew/);
    answer(contact, ill, 17_001);
    assert.equal(contact.lostBecause(17_001), null);
  });

  it('waits for caches that fail now as well: they were asked', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    hasNews(contact, 1000);
    hasNews(contact, 9000);
    othersAnswer(contact, 9001, 10_000);
    assert.notEqual(contact.lostBecause(10_000), null);
    assert.equal(timedOut(contact, ill, 10_001), true);
    assert.equal(contact.lostBecause(10_001), null);
  });

  it('waits for its own caches, not for as many of others that it polled until it heard of their group', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    const others = caches.map((_, i) => cacheName(`elsewhere-${i}`));
    contact.follow(new Set([...caches, ...others]));
    for (const cache of others) answer(contact, cache, 9000);
    hasNews(contact, 9001);
    contact.follow(new Set(caches));
    othersAnswer(contact, 9001, 10_000);
    assert.notEqual(contact.lostBecause(10_000), null);
    assert.equal(timedOut(contact, ill, 10_001), true);
    assert.equal(contact.lostBecause(10_001), null);
  });

  it('waits no longer than everybody can need for an answer', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    hasNews(contact, 1000);
    for (const endMs of [9000, 11_500]) hasNews(contact, endMs);
    assert.notEqual(contact.lostBecause(12_000), null);
    hasNews(contact, 14_000);
    assert.equal(contact.lostBecause(15_001), null);
  });

  const stale: readonly (readonly [what: string, answer: (contact: Contact, endMs: number) => void])[] = [
    ['says again what it said', (contact, endMs) => tells(contact, endMs, 2900)],
    ['sees all caches down by now', (contact, endMs) => tells(contact, endMs, endMs, false)],
    ['is only starting', doesNotAnswer],
  ];
  for (const [what, answer] of stale) {
    it(`is no less so for another monitor on its side that ${what}`, () => {
      const contact = contactWith();
      for (const endMs of [1900, 2900]) hasNews(contact, endMs);
      othersAnswer(contact, 0, 3000);
      for (let endMs = 3100; endMs < 6000; endMs += 500) {
        answer(contact, endMs);
        assert.equal(timedOut(contact, ill, endMs + 450), false, `at ${endMs}`);
      }
      assert.notEqual(contact.lostBecause(6050), null);
    });
  }

  it('takes news for as old as the poll that they tell of', () => {
    const contact = contactWith();
    for (const endMs of [1900, 2800]) hasNews(contact, endMs);
    othersAnswer(contact, 0, 3000);
    tells(contact, 3800, 2990);
    assert.equal(timedOut(contact, ill, 3900), false);
    assert.equal(timedOut(contact, ill, 4900), false);
    assert.notEqual(contact.lostBecause(6010), null);
  });

  it('follows another group whose clock was set back', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    for (const endMs of [1000, 2000]) hasNews(contact, endMs);
    for (const endMs of [3000, 4000, 5000, 6000, 7000]) tells(contact, endMs, endMs - 2 * AHEAD_MS);
    assert.equal(contact.lostBecause(9000), null);
  });

  it('hears of a group that polls nothing whenever it answers', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 1000);
    contact.groupAsked({ group: 'apac', member: teller, endMs: 5000, durationMs: 5, opinions: [] });
    assert.equal(contact.lostBecause(5000)?.includes('anew'), true);
  });

  it('misses only answers of caches that it still polls', () => {
    const contact = contactWith();
    othersAnswer(contact, 0, 3000);
    contact.follow(new Set(caches.slice(0, 5)));
    assert.equal(timedOut(contact, ill, 3510), true);
  });
});

describe('a monitor that starts', () => {
  it('with a config of Traffic Ops: each time-out counts', () => {
    assert.equal(timedOut(contactWith(), ill, 500), true);
  });

  it('with a backup: it may be cut off, so none counts until somebody is heard', () => {
    const contact = contactWith({ isFromTrafficOps: false });
    for (let endMs = 500; endMs < 60_000; endMs += 1000) assert.equal(timedOut(contact, ill, endMs), false);
    othersAnswer(contact, 60_000, 60_100);
    assert.equal(timedOut(contact, ill, 60_200), false, 'begun before');
    assert.equal(timedOut(contact, ill, 60_601), true);
  });
});
