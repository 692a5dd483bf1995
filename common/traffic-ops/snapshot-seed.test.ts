import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BackupFiles } from './backup-files.ts';
import { KeptDocument } from './kept-document.ts';
import { SEED_FILES, seedBackupFiles } from './snapshot-seed.ts';
import { crConfigText, monitoringDocument } from './testing/fixtures.ts';

const monitoring = JSON.stringify(monitoringDocument());

async function setUp(t: TestContext) {
  const root = await mkdtemp(path.join(tmpdir(), 'snapshot-seed-'));
  t.after(() => rm(root, { recursive: true }));
  const paths = { crConfig: path.join(root, 'cr'), monitoring: path.join(root, 'tm') };
  const seed = async (documents: { crConfig?: string; monitoring?: string }): Promise<void> => {
    if (documents.crConfig !== undefined)
      await writeFile(path.join(root, SEED_FILES.crConfig), gzipSync(documents.crConfig));
    if (documents.monitoring !== undefined)
      await writeFile(path.join(root, SEED_FILES.monitoring), gzipSync(documents.monitoring));
  };
  return { root, paths, files: new BackupFiles(paths), seed };
}

describe('a packed snapshot beside the settings', () => {
  test('becomes the backup files where there are none', async (t) => {
    const { root, paths, files, seed } = await setUp(t);
    await seed({ crConfig: crConfigText(100), monitoring });
    assert.deepEqual(await seedBackupFiles(root, files), { kind: 'used', date: 100 });
    assert.equal(await readFile(paths.crConfig, 'utf8'), crConfigText(100));
    assert.equal(await readFile(paths.monitoring, 'utf8'), monitoring);
  });

  test('replaces backup files that cannot be read', async (t) => {
    const { root, paths, files, seed } = await setUp(t);
    await writeFile(paths.crConfig, 'cut o');
    await seed({ crConfig: crConfigText(100), monitoring });
    assert.deepEqual(await seedBackupFiles(root, files), { kind: 'used', date: 100 });
    assert.equal((await files.load()).crConfig.stats.date, 100);
  });

  for (const [backupDate, outcome] of [
    [99, 'used'],
    [100, 'not needed'],
    [101, 'not needed'],
  ] as const) {
    test(`of date 100 is ${outcome} where the backup files are of ${backupDate}`, async (t) => {
      const { root, files, seed } = await setUp(t);
      await files.save({
        crConfig: new KeptDocument(Buffer.from(crConfigText(backupDate))),
        monitoring: new KeptDocument(Buffer.from(monitoring)),
      });
      await seed({ crConfig: crConfigText(100), monitoring });
      assert.equal((await seedBackupFiles(root, files)).kind, outcome);
      assert.equal((await files.load()).crConfig.stats.date, Math.max(100, backupDate));
    });
  }

  test('may lie there in pieces', async (t) => {
    const { root, files } = await setUp(t);
    await writeFile(path.join(root, `${SEED_FILES.monitoring}.0`), gzipSync(monitoring));
    const packed = gzipSync(crConfigText(100));
    await writeFile(path.join(root, `${SEED_FILES.crConfig}.1`), packed.subarray(20));
    await writeFile(path.join(root, `${SEED_FILES.crConfig}.0`), packed.subarray(0, 20));
    assert.deepEqual(await seedBackupFiles(root, files), { kind: 'used', date: 100 });
  });

  test('in pieces of which one is missing or old is refused', async (t) => {
    const { root, files } = await setUp(t);
    await writeFile(path.join(root, `${SEED_FILES.monitoring}.0`), gzipSync(monitoring));
    const [old, fresh] = [gzipSync(crConfigText(100)), gzipSync(crConfigText(200))];
    await writeFile(path.join(root, `${SEED_FILES.crConfig}.0`), old.subarray(0, 40));
    await writeFile(path.join(root, `${SEED_FILES.crConfig}.1`), fresh.subarray(40));
    await assert.rejects(seedBackupFiles(root, files), /crconfig\.json\.gz not read/);
  });

  test('may be missing', async (t) => {
    const { root, files } = await setUp(t);
    assert.deepEqual(await seedBackupFiles(root, files), { kind: 'none' });
  });

  const refusals: [
    what: string,
    documents: Parameters<Awaited<ReturnType<typeof setUp>>['seed']>[0],
    message: RegExp,
  ][] = [
    ['has half of it only', { monitoring }, /crconfig\.json\.gz is missing, but the other document is there/],
    ['has no CDN', { crConfig: '{"stats":{}}', monitoring }, /crconfig\.json\.gz not usable: .*CDN missing/],
    [
      'is empty',
      { crConfig: crConfigText(100), monitoring: '{}' },
      /tmconfig\.json\.gz not usable: .*Server empty/,
    ],
  ];
  for (const [what, documents, message] of refusals) {
    test(`that ${what} is refused, and nothing is written`, async (t) => {
      const { root, files, seed } = await setUp(t);
      await seed(documents);
      await assert.rejects(seedBackupFiles(root, files), message);
      assert.deepEqual(
        (await readdir(root)).filter((name) => !name.endsWith('.gz')),
        [],
      );
    });
  }

  test('that is not packed is refused', async (t) => {
    const { root, files, seed } = await setUp(t);
    await seed({ monitoring });
    await writeFile(path.join(root, SEED_FILES.crConfig), crConfigText(100));
    await assert.rejects(seedBackupFiles(root, files), /crconfig\.json\.gz not read: incorrect header check/);
  });
});
