import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stableHash } from './stable-hash.ts';

test('hashes stay what they are: running groups of monitors and the operator have to agree on them', () => {
  const known: readonly (readonly [text: string, hash: number])[] = [
    ['', 2872998923],
    ['edge-1', 1384272833],
    ['cg-london', 2068271129],
    ['emea-0', 3779508303],
  ];
  for (const [text, hash] of known) assert.equal(stableHash(text), hash, text);
});
