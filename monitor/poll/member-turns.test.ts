import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemberTurns } from './member-turns.ts';

/** Takes so many turns; members in `dead` fail, the others answer. One text a turn: who was asked. */
function run(turns: MemberTurns, count: number, dead: readonly string[] = []): string[] {
  return Array.from({ length: count }, () => {
    const asked: string[] = [];
    const queue = [...turns.take()];
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      asked.push(name);
      if (dead.includes(name)) {
        const instead = turns.failed(name);
        if (instead !== null) queue.push(instead);
      } else turns.answered(name);
    }
    return asked.join(' ');
  });
}

describe('the members of another group', () => {
  it('are asked one a turn, in turn', () => {
    assert.deepEqual(run(new MemberTurns(['a', 'b', 'c'], 1), 4), ['b', 'c', 'a', 'b']);
  });

  it('stand in for one that fails within the same turn, and it is left out from then on', () => {
    const turns = new MemberTurns(['a', 'b', 'c'], 0);
    assert.equal(run(turns, 1, ['a'])[0], 'a b');
    // Every turn has an answer; the dead one is tried beside it, more and more rarely.
    const later = run(turns, 40, ['a']);
    assert.ok(later.every((asked) => /[bc]/.test(asked)));
    assert.ok(later.filter((asked) => asked.includes('a')).length < 8);
  });

  it('have their turns again when they answer again', () => {
    const turns = new MemberTurns(['a', 'b'], 0);
    run(turns, 3, ['a']);
    run(turns, 20);
    assert.deepEqual(run(turns, 4).sort(), ['a', 'a', 'b', 'b']);
  });

  it('are all tried in turn while none answers, one or more a turn', () => {
    const turns = new MemberTurns(['a', 'b'], 0);
    const asked = run(turns, 20, ['a', 'b']);
    assert.ok(asked.every((names) => names !== ''));
    assert.ok(asked.some((names) => names.includes('a')) && asked.some((names) => names.includes('b')));
    assert.deepEqual(run(turns, 1).length, 1);
  });

  it('that have not answered yet are not asked twice, and hold nobody up', () => {
    const turns = new MemberTurns(['a', 'b'], 0);
    assert.deepEqual(turns.take(), ['a']);
    assert.deepEqual(turns.take(), ['b']);
    assert.deepEqual(turns.take(), []);
    turns.answered('b');
    assert.deepEqual(turns.take(), ['b']);
  });
});
