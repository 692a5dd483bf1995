import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDifference } from './check.ts';
import { parseOptions } from './options.ts';
import { parsePending } from './pending.ts';

describe('the command line', () => {
  test('takes flags, values and scenarios', () => {
    const options = parseOptions(['--jobs', '3', '--only', 'soh', '--only', 'ip', '--pending', 'vstats']);
    assert.equal(options.jobs, 3);
    assert.equal(options.repeat, 1);
    assert.equal(options.pending, true);
    assert.equal(options.verbose, false);
    assert.deepEqual(options.only, ['soh', 'ip']);
    assert.deepEqual(options.scenarios, ['vstats']);
  });

  test('says what is wrong with it', () => {
    assert.throws(() => parseOptions(['--jobs']), /--jobs needs a value/);
    assert.throws(() => parseOptions(['--jobs', '0']), /--jobs needs a positive whole number/);
    assert.throws(() => parseOptions(['--nonsense']), /unknown option --nonsense/);
  });
});

describe('pending scenarios', () => {
  test('are named with a reason', () => {
    const pending = parsePending({ vstats: 'needs stat polling' }, ['vstats'], 'pending.json');
    assert.equal(pending.get('vstats'), 'needs stat polling');
  });

  test('must exist and say why', () => {
    assert.throws(
      () => parsePending({ vstat: 'x' }, ['vstats'], 'pending.json'),
      /there is no scenario vstat/,
    );
    assert.throws(() => parsePending({ vstats: '' }, ['vstats'], 'pending.json'), /vstats needs a reason/);
    assert.throws(() => parsePending([], [], 'pending.json'), /must be an object/);
  });
});

describe('a documented difference', () => {
  test('names the defect, the reason and the answer', () => {
    const document = { defect: 'D39', why: 'a cache that is gone no longer counts', expected: null };
    assert.deepEqual(parseDifference(document, 'x.json'), document);
  });

  test('is refused without them', () => {
    const why = 'a cache that is gone no longer counts';
    for (const document of [
      { defect: '39', why, expected: 1 },
      { defect: 'D39', why: 'short', expected: 1 },
      { defect: 'D39', why },
      null,
    ]) {
      assert.throws(() => parseDifference(document, 'x.json'), /a difference needs/);
    }
  });
});
