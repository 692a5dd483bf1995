import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrConfigError, crConfigProblem, decodeCrConfig } from './cr-config.ts';
import { KeptDocument } from './kept-document.ts';

const previous = { stats: { CDN_name: 'a', date: 100 }, acceptedAt: Date.UTC(2026, 0, 2) };

test('the fields of stats are read, the bytes stay as they are', () => {
  const bytes = Buffer.from('{"Stats":{"cdn_name":"a","DATE":5,"tm_user":null,"x":1},"n":1.0}');
  const crConfig = decodeCrConfig(new KeptDocument(bytes));
  assert.deepEqual(crConfig.document.unpack(), bytes);
  assert.deepEqual(crConfig.stats, { CDN_name: 'a', date: 5 });
});

test('what is no snapshot is refused', () => {
  for (const [text, message] of [
    ['<html>', /not JSON/],
    ['[]', /CRConfig is an array: must be an object/],
    ['{"stats":{"date":"5"}}', /CRConfig stats date is "5": must be an integer/],
    ['{"stats":{"CDN_name":5}}', /CRConfig stats CDN_name is 5: must be a string/],
  ] as const) {
    assert.throws(() => decodeCrConfig(new KeptDocument(Buffer.from(text))), CrConfigError);
    assert.throws(() => decodeCrConfig(new KeptDocument(Buffer.from(text))), message);
  }
});

test('the rules of validity', () => {
  const received = 'received at 2026-01-02T00:00:00.000Z';
  for (const [stats, before, problem] of [
    [{ date: 5 }, undefined, 'invalid CRConfig: CRConfig.Stats.CDN missing'],
    [{ CDN_name: 'a' }, undefined, 'invalid CRConfig: CRConfig.Stats.Date missing'],
    [{ CDN_name: 'a', date: 5 }, undefined, undefined],
    [{ CDN_name: 'a', date: 100 }, previous, undefined],
    [{ CDN_name: 'a', date: 101 }, previous, undefined],
    [
      { CDN_name: 'b', date: 101 },
      previous,
      `invalid CRConfig: CRConfig.Stats.CDN b different than last received CRConfig.Stats.CDNName a ${received}`,
    ],
    [
      { CDN_name: 'a', date: 99 },
      previous,
      `invalid CRConfig: CRConfig.Stats.Date 99 older than last received CRConfig.Stats.Date 100 ${received}`,
    ],
  ] as const) {
    assert.equal(crConfigProblem(stats, before), problem);
  }
});
