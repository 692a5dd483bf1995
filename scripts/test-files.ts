import fs from 'node:fs';
import path from 'node:path';

/**
 * The kind of a test is in its file's name: `*.test.ts` is quick (all of them together take seconds: functions,
 * and servers within the process), `*.itest.ts` runs whole programs.
 */
export type TestKind = 'test' | 'itest';

const ignored: ReadonlySet<string> = new Set(['node_modules', '.git', '.cache']);

/** The test files of a kind below a folder, by path; none when there is no such folder. */
export function findTestFiles(folder: string, kind: TestKind): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !ignored.has(entry.name))
    .flatMap((entry) => {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) return findTestFiles(name, kind);
      return entry.name.endsWith(`.${kind}.ts`) ? [name] : [];
    })
    .sort();
}
