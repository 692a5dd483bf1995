import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listProjectFiles, readProjectFile } from './project-files.ts';

const mostLines = 400;

/** What came from elsewhere, and stays as it came. */
const recordings = 'e2e/conformance/scenarios/';

const files = listProjectFiles().filter(
  (file) => !file.startsWith(recordings) && file !== 'package-lock.json',
);

test('nothing is left to do in a comment: open work is tracked elsewhere', () => {
  // Put together, so that this file does not hold the words itself.
  const words = new RegExp(`\\b(${['TO', 'FIX'].map((start, i) => start + ['DO', 'ME'][i]).join('|')})\\b`);
  const found = files.filter((file) => words.test(readProjectFile(file)));
  assert.deepEqual(found, []);
});

test('source files are short', () => {
  const long = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, lines: readProjectFile(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > mostLines);
  assert.deepEqual(long, []);
});

test('the lock file names no host that packages come from', () => {
  assert.doesNotMatch(readProjectFile('package-lock.json'), /"resolved"/);
});

// npm leaves out of the lock file what a registry does not serve, and `npm ci` then refuses the lock file.
test('the lock file has an entry for every optional dependency, of other platforms too', () => {
  const { packages } = JSON.parse(readProjectFile('package-lock.json')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  );
  const missing = wanted.filter(
    (name) => !Object.keys(packages).some((key) => key.endsWith(`node_modules/${name}`)),
  );
  assert.deepEqual(missing, []);
});
