import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { floatFromText, int64FromText, uint64FromText } from './number-text.ts';

describe('a float in a text', () => {
  const readable: readonly [text: string, value: number][] = [
    ['7', 7],
    ['-0.5', -0.5],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['2.5E-1', 0.25],
    ['18446744073709551615', 2 ** 64],
    ['NaN', Number.NaN],
    ['inf', Infinity],
    ['+Inf', Infinity],
    ['-Infinity', -Infinity],
  ];
  for (const [text, value] of readable) {
    it(`'${text}' is ${value}`, () => assert.equal(floatFromText(text), value));
  }

  const unreadable = [
    '',
    ' ',
    ' 7',
    '7 ',
    '7\t',
    '-',
    '.',
    '1e',
    '1e+',
    '1.2.3',
    '0x10',
    '1_000',
    '1,5',
    'edge',
  ];
  for (const text of [...unreadable, '-nan', 'infinit', 'null', 'true', '1e999']) {
    it(`'${text}' is none`, () => assert.equal(floatFromText(text), undefined));
  }

  it('takes linear time for digits without end', () => {
    assert.equal(floatFromText(`${'1'.repeat(1_000_000)}x`), undefined);
  });
});

describe('an integer in a text', () => {
  it('is exact over all 64 bits', () => {
    assert.equal(uint64FromText('0'), 0n);
    assert.equal(uint64FromText('9007199254740993'), 9007199254740993n);
    assert.equal(uint64FromText('18446744073709551615'), 18446744073709551615n);
    assert.equal(uint64FromText(`${'0'.repeat(40)}12`), 12n);
    assert.equal(int64FromText('-9223372036854775808'), -(2n ** 63n));
    assert.equal(int64FromText('9223372036854775807'), 2n ** 63n - 1n);
    assert.equal(int64FromText('+12'), 12n);
  });

  for (const text of [
    '',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '0x1',
    '18446744073709551616',
    '9'.repeat(1_000_000),
  ]) {
    it(`'${text.slice(0, 24)}' is no unsigned one`, () => assert.equal(uint64FromText(text), undefined));
  }

  for (const text of ['', '-', '+', '--1', '9223372036854775808', '-9223372036854775809', '1.5']) {
    it(`'${text}' is no signed one`, () => assert.equal(int64FromText(text), undefined));
  }
});
