import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProjectFile } from './project-files.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readProjectFile('package.json')) as Manifest;
const page = readProjectFile('docs/dependencies.md');

/** The packages in the first column of the table below a title. */
function packagesBelow(title: string): string[] {
  const [, section = ''] = page.split(`\n## ${title}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
}

test('docs/dependencies.md has every package that goes into the image, and no other', () => {
  assert.deepEqual(packagesBelow('In the image').sort(), Object.keys(manifest.dependencies).sort());
});

test('docs/dependencies.md has every package for development, and no other', () => {
  assert.deepEqual(
    packagesBelow('For development and tests').sort(),
    Object.keys(manifest.devDependencies).sort(),
  );
});

test('every package is pinned to one version', () => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test('the lock file has the hash of every package, but for those of other platforms', () => {
  const { packages } = JSON.parse(readProjectFile('package-lock.json')) as {
    packages: Record<string, { integrity?: string; optional?: boolean }>;
  };
  const without = Object.entries(packages)
    .filter(([name, { integrity, optional }]) => name !== '' && integrity === undefined && optional !== true)
    .map(([name]) => name);
  assert.deepEqual(without, []);
});
