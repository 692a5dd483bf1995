import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { booleanField, integerField, objectField, stringField } from './json-fields.ts';
import { MAX_NESTING, readJsonObject } from './json-value.ts';

const nested = (levels: number, rest = '') =>
  `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}${rest}}`;

describe('the JSON of a payload', () => {
  it('is the first object; what follows is ignored', () => {
    for (const rest of ['', '\n', 'garbage', '{"a":2}', ']', '\0']) {
      assert.deepEqual(readJsonObject(` {"a":"}\\"{","b":[{}]}${rest}`), { a: '}"{', b: [{}] });
    }
  });

  it('may have as many brackets as it likes, if it does not nest them', () => {
    const flat = { a: '['.repeat(500), b: Array.from({ length: 500 }, () => [{}]) };
    assert.deepEqual(readJsonObject(JSON.stringify(flat)), flat);
  });

  it(`nests up to ${MAX_NESTING} levels`, () => {
    assert.doesNotThrow(() => readJsonObject(nested(MAX_NESTING)));
    assert.doesNotThrow(
      () => readJsonObject(`${nested(2)}${'['.repeat(1000)}`),
      'what follows does not count',
    );
    const reason = { message: `invalid JSON: nested deeper than ${MAX_NESTING} levels` };
    assert.throws(() => readJsonObject(nested(MAX_NESTING + 1)), reason);
    assert.throws(() => readJsonObject('['.repeat(3_000_000)), reason);
    assert.throws(() => readJsonObject('{"a":'.repeat(1_000_000)), reason);
  });

  const refused: readonly [text: string, reason: RegExp][] = [
    ['', /^EOF$/],
    [' \r\n', /^EOF$/],
    ['NOT JSON AT ALL', /^invalid JSON: Unexpected token/],
    ['{"ats": {"server": "9.2.1"},', /^invalid JSON: /],
    ['{"a":1,}{"b":2}', /^invalid JSON: /],
    ['{]}', /^invalid JSON: /],
    ['\ufeff{}', /^invalid JSON: /],
    ['null', /^invalid JSON: expected an object, got null$/],
    ['[{}]', /^invalid JSON: expected an object, got array$/],
    ['7', /^invalid JSON: expected an object, got number$/],
    ['"ats"', /^invalid JSON: expected an object, got string$/],
  ];
  for (const [text, reason] of refused) {
    it(`'${text.trim()}' is refused: ${reason.source}`, () => {
      assert.throws(() => readJsonObject(text), { message: reason });
    });
  }
});

describe('a known field', () => {
  it('is found by its exact name, else in any case', () => {
    assert.equal(integerField({ 'INF.Speed': 7 }, 'inf.speed'), 7);
    assert.equal(integerField({ 'INF.SPEED': 7, 'inf.speed': 9 }, 'inf.speed'), 9);
  });

  it('is empty if absent or null', () => {
    assert.equal(stringField({}, 'inf.name'), '');
    assert.equal(integerField({ 'inf.speed': null }, 'inf.speed'), 0);
    assert.equal(booleanField({}, 'notAvailable'), false);
    assert.deepEqual(objectField({ ats: null }, 'ats'), {});
  });

  it('is never taken from the prototype that a payload names', () => {
    const hostile = readJsonObject('{"__proto__":{"inf.name":"evil0"}}');
    assert.equal(stringField(hostile, 'inf.name'), '');
  });

  const wrong: readonly [read: () => unknown, reason: string][] = [
    [() => stringField({ 'inf.name': 3 }, 'inf.name'), "field 'inf.name' must be a string, got number"],
    [
      () => integerField({ lastReload: '3' }, 'lastReload'),
      "field 'lastReload' must be an integer, got string",
    ],
    [
      () => integerField({ lastReload: 1.5 }, 'lastReload'),
      "field 'lastReload' must be an integer of 64 bits, got 1.5",
    ],
    [
      () => integerField({ lastReload: 1e300 }, 'lastReload'),
      "field 'lastReload' must be an integer of 64 bits, got 1e+300",
    ],
    [
      () => booleanField({ notAvailable: 'yes' }, 'notAvailable'),
      "field 'notAvailable' must be a boolean, got string",
    ],
    [() => objectField({ ats: [] }, 'ats'), "field 'ats' must be an object, got array"],
  ];
  for (const [read, reason] of wrong) {
    it(reason, () => {
      assert.throws(read, { message: reason });
    });
  }
});
