import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { JsonFault, jsonMembers } from './json-members.ts';

describe('the members of a JSON object', () => {
  test('come in the order of the file, repeated keys included, with the line of each', () => {
    assert.deepEqual(jsonMembers('{"b": 1,\n "a": [1, {"x": null}],\n\n "b": "\\u00e9"}'), [
      { key: 'b', value: 1, line: 1 },
      { key: 'a', value: [1, { x: null }], line: 2 },
      { key: 'b', value: 'é', line: 4 },
    ]);
  });

  test('are found after the byte order mark of an editor', () => {
    assert.deepEqual(jsonMembers('\uFEFF{}'), []);
  });

  test('may nest to any depth', () => {
    const depth = 100_000;
    assert.equal(jsonMembers(`{"deep": ${'['.repeat(depth)}${']'.repeat(depth)}}`).length, 1);
  });

  test('are those of JSON.parse, for whatever JSON.parse takes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.nat(4),
        (object, indent) => {
          const text = JSON.stringify(object, null, indent);
          const found = Object.fromEntries(jsonMembers(text).map(({ key, value }) => [key, value]));
          assert.deepEqual(found, JSON.parse(`${text}`));
        },
      ),
    );
  });

  test('are refused exactly where JSON.parse refuses the text', () => {
    const pieces = fc.constantFrom(...'{}[]:,"\\ \n01-.e+at', '"a"', 'true', 'null', '{"a":', '{"a":1');
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const text = `{${parts.join('')}`;
        assert.equal(outcome(jsonMembers, text), outcome(JSON.parse, text), text);
      }),
      { numRuns: 2000 },
    );
  });
});

const outcome = (parse: (text: string) => unknown, text: string): 'taken' | 'refused' => {
  try {
    parse(text);
    return 'taken';
  } catch {
    return 'refused';
  }
};

describe('a text that is not one JSON object is refused at the place of the fault', () => {
  const cases: [text: string, line: number, column: number, message: string][] = [
    ['', 1, 1, 'expected a "{", because the file must hold one JSON object, found the end of the file'],
    ['null', 1, 1, 'expected a "{", because the file must hold one JSON object, found "n"'],
    ['{"a": 1,}', 1, 9, 'expected a key in double quotes, found "}"'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'expected "," or "}", found "\\""'],
    ["{'a': 1}", 1, 2, 'expected a key in double quotes, found "\'"'],
    ['{"a" 1}', 1, 6, 'expected ":", found "1"'],
    ['{"a": tru}', 1, 7, 'expected a value, found "t"'],
    ['{"a": 01}', 1, 8, 'expected "," or "}", found "1"'],
    ['{"a": [1 2]}', 1, 10, 'expected "," or "]", found "2"'],
    ['{"a": {"b": [}}', 1, 14, 'expected a value, found "}"'],
    ['{"a": "unended', 1, 7, 'expected a value, found "\\""'],
    ['{"a": 1} x', 1, 10, 'expected the end of the file, found "x"'],
    ['{"a": 😀}', 1, 7, 'expected a value, found "😀"'],
  ];
  for (const [text, line, column, message] of cases) {
    test(JSON.stringify(text), () => {
      assert.throws(
        () => jsonMembers(text),
        (error) => {
          assert.ok(error instanceof JsonFault);
          assert.deepEqual([error.line, error.column, error.message], [line, column, message]);
          return true;
        },
      );
    });
  }
});
