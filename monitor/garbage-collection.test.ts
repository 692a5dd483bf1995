import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { SWITCHES } from './garbage-collection.ts';

describe('a switch for garbage collection', () => {
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  for (const name of SWITCHES) {
    it(`${name} is known to this Node.js`, () => {
      assert.ok(known.includes(`${name} `), 'look for what has taken its place, and measure: bench stats');
    });
  }
});
