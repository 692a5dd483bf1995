import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generatedFiles } from './generated-files.ts';

for (const [file, text] of generatedFiles()) {
  test(`${file} is what its source says: if not, run npm run generate`, () => {
    assert.equal(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'), text);
  });
}
