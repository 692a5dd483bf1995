import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import type { HealthConfig } from './cache-states.ts';
import type { Subject } from './subject.ts';
import { configOf, failedPoll, goodPoll, subject } from './testing/builders.ts';
import { WatchedStates } from './testing/watched-states.ts';
import type { Verdict } from './verdict.ts';

const edge1 = cacheName('edge-1');
const up: Verdict = { isAvailable: true, ipv4Available: true, ipv6Available: false, status: 'seen there' };

const elsewhere = (changes: Partial<Omit<Subject, 'name'>> = {}): HealthConfig =>
  configOf([subject(changes)], { polledElsewhere: new Set([edge1]) });

function states(config: HealthConfig): WatchedStates {
  const watched = new WatchedStates();
  watched.apply(config, 0);
  return watched;
}

const receive = (watched: WatchedStates, verdict = up, receivedMs = 9000): void =>
  watched.receive(edge1, { verdict, lastPollMs: 8000, from: 'tm-far', receivedMs });

describe('a cache that another monitor polls', () => {
  it('is as that one says, with where it comes from, and known with that', () => {
    const watched = states(elsewhere());
    assert.equal(watched.isComplete, false);
    receive(watched);
    const { verdict, lastPollMs, source, isDirect } = watched.of();
    assert.deepEqual({ verdict, lastPollMs, isDirect }, { verdict: up, lastPollMs: 8000, isDirect: false });
    assert.deepEqual(source, { kind: 'received', from: 'tm-far', receivedMs: 9000 });
    assert.equal(watched.isComplete, true);
    assert.deepEqual(watched.direct, []);
  });

  it('keeps its verdict as it is while only times change', () => {
    const watched = states(elsewhere());
    receive(watched);
    const { verdict } = watched.of();
    const { verdictRevision } = watched;
    receive(watched, { ...up }, 10_000);
    assert.equal(watched.of().verdict, verdict);
    assert.equal(watched.verdictRevision, verdictRevision);
  });

  it('is down if Traffic Ops says so here, even if the other has not heard of it', () => {
    const watched = states(elsewhere({ status: 'ADMIN_DOWN' }));
    receive(watched);
    assert.equal(watched.flags(), 'down');
    assert.equal(watched.of().verdict?.status, 'seen there');
  });

  it('is not concerned if it is ONLINE, cannot be polled or is unknown', () => {
    const online = states(elsewhere({ status: 'ONLINE' }));
    receive(online, { ...up, isAvailable: false });
    assert.equal(online.flags(), 'up 4 6');
    const unpollable = states({ ...elsewhere(), unpollable: new Map([[edge1, 'no address']]) });
    receive(unpollable);
    assert.equal(unpollable.flags(), 'down');
    const watched = states(configOf([]));
    receive(watched);
    assert.equal(watched.get(edge1), undefined);
  });
});

describe('a cache that changes hands', () => {
  it('keeps what was received until this monitor has polled it', () => {
    const watched = states(elsewhere());
    receive(watched);
    watched.apply(configOf([subject()]), 0);
    assert.deepEqual([watched.flags(), watched.of().isDirect, watched.isComplete], ['up 4', true, true]);
    receive(watched, { ...up, ipv6Available: true });
    assert.equal(watched.flags(), 'up 4 6', 'the old owner still knows best');
    watched.record(failedPoll());
    assert.equal(watched.of().source?.kind, 'poll');
    receive(watched);
    assert.equal(watched.of().verdict?.ipv4Available, false, 'now this monitor does');
  });

  it('keeps the last verdict of this monitor until the new owner has one', () => {
    const watched = states(configOf([subject()]));
    watched.record(goodPoll());
    watched.apply(elsewhere(), 0);
    assert.equal(watched.flags(), 'up 4');
    receive(watched, { ...up, isAvailable: false, ipv4Available: false });
    assert.equal(watched.flags(), 'down');
  });

  it('goes by the old owner until this monitor has polled it as often as the gate asks for', () => {
    const watched = states(elsewhere());
    receive(watched);
    watched.share(new Set());
    watched.record(goodPoll());
    assert.deepEqual([watched.of().source?.kind, watched.of().polled], ['received', false]);
    receive(watched, { ...up, isAvailable: false });
    assert.equal(watched.flags(), 'down 4', 'the old owner sees it fail meanwhile');
    watched.record(goodPoll());
    assert.deepEqual([watched.of().source?.kind, watched.of().polled], ['poll', true]);
    assert.equal(watched.flags(), 'up 4');
  });

  it('does not shut the gate, and its polls begin anew when it comes back', () => {
    const watched = states(configOf([subject()]));
    watched.record(goodPoll());
    watched.record(goodPoll());
    watched.share(new Set([edge1]));
    assert.deepEqual([watched.isComplete, watched.of().isDirect, watched.of().polled], [true, false, false]);
    watched.record(failedPoll());
    assert.equal(watched.flags(), 'up 4', 'a poll that was under way counts no more');
    receive(watched);
    watched.share(new Set());
    watched.record(goodPoll());
    assert.equal(watched.of().polled, false);
  });

  it('that cannot be polled stays as the config says, whoever has it', () => {
    const watched = states(configOf([subject()], { unpollable: { 'edge-1': 'no address' } }));
    watched.share(new Set([edge1]));
    watched.share(new Set());
    assert.equal(watched.isDirectComplete, true);
    assert.equal(watched.flags(), 'down');
  });
});
