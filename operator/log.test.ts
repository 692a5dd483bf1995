import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonLog, type Level } from './log.ts';

function logAt(level: Level) {
  const lines: string[] = [];
  return { lines, log: jsonLog({ write: (line) => lines.push(line), level, now: () => 0 }) };
}

describe("the operator's log", () => {
  test('names the part of the program and the object', () => {
    const { log, lines } = logAt('info');
    log.of('groups').about('TrafficMonitorGroup', 'cdn/emea').warning('two\nlines and a "quote"');
    assert.deepEqual(lines, [
      '{"time":"1970-01-01T00:00:00.000Z","level":"warning","component":"groups","kind":"TrafficMonitorGroup",' +
        '"object":"cdn/emea","message":"two\\nlines and a \\"quote\\""}',
    ]);
  });

  for (const [level, written] of [
    ['error', 1],
    ['warning', 2],
    ['info', 3],
    ['debug', 4],
  ] as const) {
    test(`at level ${level} has ${written} of four levels`, () => {
      const { log, lines } = logAt(level);
      log.error('e');
      log.warning('w');
      log.info('i');
      log.debug('d');
      assert.equal(lines.length, written);
    });
  }
});
