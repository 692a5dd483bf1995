import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { listProjectFiles, projectRoot, readProjectFile } from './project-files.ts';

/** The anchor that a title gets on the usual forges. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[`*[\]]|\([^)]*\)/g, (part) => (part.startsWith('(') ? part.slice(1, -1) : ''))
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

const withoutCode = (text: string): string => text.replace(/```[\s\S]*?```/g, '');

function anchorsIn(file: string): readonly string[] {
  return [...withoutCode(readProjectFile(file)).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    anchorOf(title),
  );
}

const documents = listProjectFiles().filter((file) => file.endsWith('.md'));

test('every link of a document leads to a file, and to a title in it', () => {
  const dead: string[] = [];
  for (const document of documents) {
    for (const [, target = ''] of withoutCode(readProjectFile(document)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [place = '', anchor] = target.split('#');
      const file = place === '' ? document : path.posix.join(path.posix.dirname(document), place);
      const exists = fs.existsSync(path.join(projectRoot, file));
      if (!exists || (anchor !== undefined && !anchorsIn(file).includes(anchor)))
        dead.push(`${document}: ${target}`);
    }
  }
  assert.deepEqual(dead, []);
});
