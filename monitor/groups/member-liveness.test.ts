import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { monitorName } from '../../common/ids.ts';
import { MemberLiveness, type MemberSign } from './member-liveness.ts';

const emea1 = monitorName('emea-1');
const emea2 = monitorName('emea-2');

function twoMembers(): MemberLiveness {
  const liveness = new MemberLiveness();
  liveness.follow([emea2, emea1], 1000, 0);
  return liveness;
}

const signs = { '+': 'answered', '-': 'failed', s: 'starting' } as const;
const signOf = (poll: string): MemberSign => signs[poll as keyof typeof signs];

/** Polls of emea-1 in turn, 100 ms apart: `+` answered, `s` starting, `-` failed; whether it is live after each. */
function after(liveness: MemberLiveness, polls: string): string {
  return [...polls]
    .map((poll, index) => {
      liveness.polled(emea1, signOf(poll), index * 100);
      return liveness.isLive(emea1) ? 'L' : 'D';
    })
    .join('');
}

describe('a member of the group', () => {
  it('is taken to be alive before it was asked', () => {
    assert.deepEqual(twoMembers().live, [emea1, emea2]);
  });

  const histories: readonly (readonly [what: string, polls: string, standing: string])[] = [
    ['dies with the third failure in a row', '---', 'LLD'],
    ['survives lost polls in between', '--+--+--', 'LLLLLLLL'],
    ['is back with the second answer in a row', '---+-++', 'LLDDDDL'],
    ['may take its time to start', 'sssss+', 'LLLLLL'],
    ['that does not get ready in time is dead', 'sssssssssssss', 'LLLLLLLLLLLLD'],
    ['that starts anew after it was known has to be stood in for', '+sss', 'LLLD'],
    ['that comes and goes stays dead', '---+-+-+', 'LLDDDDDD'],
  ];
  for (const [what, polls, standing] of histories) {
    it(what, () => {
      assert.equal(after(twoMembers(), polls), standing);
    });
  }

  it('tells only of the poll with which it dies or comes back', () => {
    const liveness = twoMembers();
    const told = [...'---++'].map((poll) => liveness.polled(emea1, signOf(poll), 0));
    assert.deepEqual(told, [false, false, true, false, true]);
  });

  it('keeps its standing when others join, and is forgotten when it leaves', () => {
    const liveness = twoMembers();
    after(liveness, '---');
    liveness.follow([emea1, emea2, monitorName('emea-3')], 1000, 0);
    assert.equal(liveness.isLive(emea1), false);
    liveness.follow([emea2], 1000, 0);
    liveness.follow([emea1, emea2], 1000, 0);
    assert.equal(liveness.isLive(emea1), true);
  });

  it('was last seen with its last answer', () => {
    const liveness = twoMembers();
    assert.equal(liveness.lastSeenMs(emea1), null);
    after(liveness, '-+-');
    assert.equal(liveness.lastSeenMs(emea1), 100);
  });
});
