import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listImageFiles, writeImageFiles } from './image-files.ts';
import { packagesInImage, readImageBom } from './sbom.ts';

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

  test('is what its list of parts says: every package, Node.js, and nothing else', () => {
    const { metadata, components, dependencies } = readImageBom();
    const refs = components.map((component) => component['bom-ref']);
    const node = `node@${start('--version').trim().slice(1)}`;
    assert.deepEqual([...refs].sort(), [...packagesInImage(), node].sort());
    assert.equal(metadata.component.name, 'traffic-monitor-operator');
    const named = new Set([...refs, metadata.component['bom-ref']]);
    for (const { ref, dependsOn } of dependencies)
      for (const one of [ref, ...dependsOn]) assert.ok(named.has(one), `${ref} names ${one}`);
    const direct = dependencies.find(({ ref }) => ref === metadata.component['bom-ref'])?.dependsOn ?? [];
    const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { dependencies: object };
    assert.equal(direct.length, Object.keys(manifest.dependencies).length + 1);
  });

  test('can be changed by nobody but root', () => {
    const modes = new Set(
      listImageFiles().map(([, file]) => (fs.statSync(path.join(image, file)).mode & 0o777).toString(8)),
    );
    assert.deepEqual(modes, new Set(['755', '644']));
  });
});
