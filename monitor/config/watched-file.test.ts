import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { until } from '../testing/waiting.ts';
import { WatchedFile } from './watched-file.ts';

interface Watched {
  readonly folder: string;
  readonly file: string;
  readonly contents: string[];
  readonly problems: string[];
}

/** A file in a folder of its own, followed from its first content on. */
async function follow(
  t: TestContext,
  prepare: (folder: string) => void,
  lookEveryMs?: number,
): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'watched-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  prepare(folder);
  const contents: string[] = [];
  const problems: string[] = [];
  const file = join(folder, 'assignment.json');
  const watched = new WatchedFile({
    path: file,
    onContent: (content) => contents.push(content),
    onProblem: (reason) => problems.push(reason),
    ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
  });
  t.after(() => watched.stop());
  await watched.start();
  return { folder, file, contents, problems };
}

const plainFile = (folder: string): void => writeFileSync(join(folder, 'assignment.json'), 'one');

/** As the kubelet lays a ConfigMap out: the file is a link through `..data`, which is a link to a dated folder. */
function configMap(folder: string): void {
  mkdirSync(join(folder, '..2026_1'));
  writeFileSync(join(folder, '..2026_1', 'assignment.json'), 'one');
  symlinkSync('..2026_1', join(folder, '..data'));
  symlinkSync('..data/assignment.json', join(folder, 'assignment.json'));
}

function swapConfigMap(folder: string): void {
  mkdirSync(join(folder, '..2026_2'));
  writeFileSync(join(folder, '..2026_2', 'assignment.json'), 'two');
  symlinkSync('..2026_2', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  rmSync(join(folder, '..2026_1'), { recursive: true });
}

describe('a followed file', { concurrency: true }, () => {
  const changes: readonly (readonly [
    how: string,
    prepare: (folder: string) => void,
    change: (folder: string) => void,
  ])[] = [
    ['written over', plainFile, (folder) => writeFileSync(join(folder, 'assignment.json'), 'two')],
    [
      'replaced by a rename',
      plainFile,
      (folder) => {
        writeFileSync(join(folder, 'new'), 'two');
        renameSync(join(folder, 'new'), join(folder, 'assignment.json'));
      },
    ],
    ['a ConfigMap that is swapped', configMap, swapConfigMap],
  ];
  for (const [how, prepare, change] of changes) {
    it(`is read again when it is ${how}`, async (t) => {
      const { folder, contents, problems } = await follow(t, prepare);
      assert.deepEqual(contents, ['one']);
      change(folder);
      await until('it is read again', () => contents.at(-1) === 'two');
      assert.deepEqual(problems, []);
    });
  }

  it('is found by looking where its folder comes later, so that nothing could be watched', async (t) => {
    const { folder, file, contents } = await follow(t, (made) => rmSync(made, { recursive: true }), 10);
    assert.deepEqual(contents, []);
    mkdirSync(folder);
    writeFileSync(file, 'one');
    await until('it is read', () => contents.at(-1) === 'one');
  });

  it('is told once while its content is the same', async (t) => {
    const { file, contents } = await follow(t, plainFile, 10);
    for (let i = 0; i < 5; i++) writeFileSync(file, 'one');
    writeFileSync(file, 'two');
    await until('the change is told', () => contents.includes('two'));
    assert.deepEqual(
      contents.filter((content) => content === 'one'),
      ['one'],
    );
  });

  it('that is missing is one problem, until it is there', async (t) => {
    const { file, contents, problems } = await follow(t, () => {}, 10);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /ENOENT/);
    writeFileSync(file, 'one');
    await until('it is read', () => contents.at(-1) === 'one');
    unlinkSync(file);
    await until('its loss is told', () => problems.length === 2);
    assert.deepEqual(contents, ['one']);
    writeFileSync(file, 'one');
    await until('what it says is told again, as the problem was', () => contents.length === 2);
    assert.equal(problems.length, 2);
  });
});
