import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeptAnswers } from './kept-answers.ts';

const LAG_MS = 100;

function keeping(lagMs = LAG_MS) {
  const answers = new KeptAnswers(() => lagMs, 'boot');
  let made = 0;
  const ask = (question: string, nowMs: number, length = 1): string => {
    const answer = answers.answer(question, nowMs, function* () {
      yield `${++made}`;
      yield ' '.repeat(length);
    });
    return 'plain' in answer ? String(answer.plain()).trim() : 'pieces';
  };
  return { ask, answers };
}

describe('an answer about statistics', () => {
  it('is made once for all who ask the same within the lag', () => {
    const { ask } = keeping();
    assert.deepEqual([ask('a', 0), ask('a', 99), ask('a', 100), ask('a', 150)], ['1', '1', '2', '2']);
  });

  it('is another one for another question', () => {
    const { ask } = keeping();
    assert.deepEqual(
      [ask('a', 0), ask('b', 50), ask('a', 60), ask('a', 120), ask('b', 120)],
      ['1', '2', '1', '3', '2'],
    );
  });

  it('is always new without a lag', () => {
    const { ask } = keeping(0);
    assert.deepEqual([ask('a', 0), ask('a', 0)], ['1', '2']);
  });

  it('is not kept if it is long: each gets the whole of it in pieces of its own', () => {
    const { answers, ask } = keeping();
    const LENGTH = 1 << 20;
    assert.deepEqual([ask('a', 0, LENGTH), ask('a', 0)], ['pieces', '2']);
    const long = answers.answer('long', 0, function* () {
      for (let piece = 0; piece < 100; piece++) yield 'x'.repeat(LENGTH / 100);
    });
    assert.ok('pieces' in long && Symbol.iterator in long.pieces);
    assert.equal([...long.pieces].join('').length, Math.trunc(LENGTH / 100) * 100);
  });

  it('is dropped for newer ones when there are many', () => {
    const { ask } = keeping();
    for (let question = 0; question <= 64; question++) ask(String(question), 0);
    assert.equal(ask('1', 0), '2');
    assert.equal(ask('0', 0), '66');
  });
});
