import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listImageFiles, writeImageFiles } from './image-files.ts';

describe('what the image holds', () => {
  const image = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-image-files-'));

  before(() => writeImageFiles(image));
  after(() => fs.rmSync(image, { recursive: true, force: true }));

  /** As a container starts it: with nothing but what is in the image. */
  const start = (...args: readonly string[]): string => {
    const node = path.join(image, 'usr/local/bin/node');
    const options = { cwd: path.join(image, 'app'), env: {}, encoding: 'utf8', timeout: 20_000 } as const;
    const { stdout, stderr } = spawnSync(node, args, options);
    return stdout + stderr;
  };

  // What they complain of lies behind all their imports.
  test('is enough for the monitor to start', () => {
    assert.match(start('monitor/main.ts'), /^Error starting service: The --opsCfg argument is required\n$/);
  });

  test('is enough for the operator to start', () => {
    assert.match(start('operator/main.ts'), /^Error starting operator: kubeconfig not usable/);
  });

  test('has no tests, no types of packages, and nothing for development', () => {
    const files = listImageFiles().map(([, file]) => file);
    const idle = files.filter((file) =>
      /test\.ts$|\/testing\/|\.d\.ts$|\.map$|\/(typescript|@biomejs)\//.test(file),
    );
    assert.deepEqual(idle, []);
  });

  test('can be changed by nobody but root', () => {
    const modes = new Set(
      listImageFiles().map(([, file]) => (fs.statSync(path.join(image, file)).mode & 0o777).toString(8)),
    );
    assert.deepEqual(modes, new Set(['755', '644']));
  });
});
