import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imageValues } from './image-name.ts';

describe('the name of an image', () => {
  const names: readonly [string, string, string, string][] = [
    ['localhost/tm:e2e', 'localhost/tm', 'e2e', ''],
    ['registry.example.net:5000/cdn/tm:1.2.3', 'registry.example.net:5000/cdn/tm', '1.2.3', ''],
    ['registry.example.net/tm@sha256:abc', 'registry.example.net/tm', '', 'sha256:abc'],
  ];
  for (const [name, repository, tag, digest] of names)
    test(name, () => assert.deepEqual(imageValues(name), { repository, tag, digest }));

  for (const name of ['tm', 'registry.example.net:5000/tm', 'registry.example.net/tm:'])
    test(`${name} has no tag`, () => assert.throws(() => imageValues(name), /has no tag/));
});
