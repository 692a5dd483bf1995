import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cpuMs } from '../testing/cpu-time.ts';
import { JsonDocumentError, topLevelValue } from './json-document.ts';

const find = (text: string) => topLevelValue(Buffer.from(text), 'response')?.toString();

test('the value of response is found, byte for byte', () => {
  for (const [document, value] of [
    ['{"response":{"a":1.00}}', '{"a":1.00}'],
    [' { "alerts" : [ "}" , {"response":3} ] , "response" : [ 1 , "\\"]" ] } ', '[ 1 , "\\"]" ]'],
    ['{"RESPONSE":null}', 'null'],
    ['{"\\u0072esponse":"é"}', '"é"'],
    ['{"response":1,"Response":-2e3}', '-2e3'],
    ['{"response":true,"x":"a\\\\"}', 'true'],
  ] as const) {
    assert.equal(find(document), value, document);
  }
});

test('a document without it has none', () => {
  assert.equal(find('{}'), undefined);
  assert.equal(find('{"a":{"response":1}}'), undefined);
});

test('what is not an object, or ends early, is refused with the place', () => {
  for (const document of [
    '',
    '[]',
    '<html>',
    '{"response":',
    '{"response":{"a":1}',
    '{"a"}',
    '{"a":1',
    '{} x',
    '{"a":,}',
    '{"a',
    '{,}',
  ]) {
    assert.throws(() => find(document), JsonDocumentError, document);
  }
  assert.throws(
    () => find('<html>gateway'),
    /expected a JSON object at byte 0, but there is "<html>gateway"/,
  );
});

test('it agrees with JSON.parse on any object', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.jsonValue(),
      fc.boolean(),
      (others, value, indent) => {
        const rest = Object.entries(others).filter(([key]) => key.toLowerCase() !== 'response');
        const document = JSON.stringify(
          { ...Object.fromEntries(rest), response: value },
          null,
          indent ? 2 : 0,
        );
        assert.deepEqual(JSON.parse(find(document) ?? ''), JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});

test('deep nesting and large documents take linear time and no stack', () => {
  const deep = '['.repeat(500_000) + ']'.repeat(500_000);
  const started = cpuMs();
  assert.equal(find(`{"x":${deep},"response":${deep}}`)?.length, deep.length);
  assert.ok(cpuMs() - started < 1000);
});
