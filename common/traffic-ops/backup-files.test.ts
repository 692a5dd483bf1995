import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { profileName } from '../ids.ts';
import { BackupFiles } from './backup-files.ts';
import { KeptDocument } from './kept-document.ts';
import { crConfigText, goMonitoringBackup, monitoringDocument } from './testing/fixtures.ts';

const bytes = {
  crConfig: Buffer.from(crConfigText(100)),
  monitoring: Buffer.from(JSON.stringify(monitoringDocument())),
};

const documents = {
  crConfig: new KeptDocument(bytes.crConfig),
  monitoring: new KeptDocument(bytes.monitoring),
};

async function setUp(t: TestContext) {
  const directory = await mkdtemp(path.join(tmpdir(), 'traffic-ops-backup-'));
  t.after(() => rm(directory, { recursive: true }));
  const paths = { crConfig: path.join(directory, 'cr'), monitoring: path.join(directory, 'tm') };
  return { directory, paths, files: new BackupFiles(paths) };
}

test('both documents are written byte for byte, readable for all, with nothing left over', async (t) => {
  const { directory, paths, files } = await setUp(t);
  await files.save(documents);
  assert.deepEqual(await readFile(paths.crConfig), bytes.crConfig);
  assert.deepEqual(await readFile(paths.monitoring), bytes.monitoring);
  assert.equal((await stat(paths.crConfig)).mode & 0o777, 0o644);
  assert.deepEqual((await readdir(directory)).sort(), ['cr', 'tm']);
});

test('what is written already is not written again, unless the file is gone', async (t) => {
  const { paths, files } = await setUp(t);
  await files.save(documents);
  const { ino } = await stat(paths.crConfig);
  await files.save({ ...documents, crConfig: new KeptDocument(bytes.crConfig) });
  assert.equal((await stat(paths.crConfig)).ino, ino);
  await rm(paths.crConfig);
  await files.save(documents);
  assert.deepEqual(await readFile(paths.crConfig), bytes.crConfig);
});

test('a link stays a link, a device stays a device', async (t) => {
  const { directory, paths } = await setUp(t);
  await writeFile(path.join(directory, 'real'), 'old');
  await symlink('real', paths.crConfig);
  await new BackupFiles({ crConfig: paths.crConfig, monitoring: '/dev/null' }).save(documents);
  assert.deepEqual(await readFile(path.join(directory, 'real')), bytes.crConfig);
  assert.ok((await stat('/dev/null')).isCharacterDevice());
});

test('a file that cannot be written does not keep the other from being written', async (t) => {
  const { directory, paths } = await setUp(t);
  const files = new BackupFiles({ ...paths, monitoring: path.join(directory, 'missing', 'tm') });
  await assert.rejects(files.save(documents), /backup file .*missing\/tm not written: ENOENT/);
  assert.deepEqual(await readFile(paths.crConfig), bytes.crConfig);
});

test('our files and those of the Go Traffic Monitor are read with their thresholds', async (t) => {
  const { paths, files } = await setUp(t);
  for (const monitoring of [monitoringDocument(), goMonitoringBackup()]) {
    await files.save({ ...documents, monitoring: new KeptDocument(Buffer.from(JSON.stringify(monitoring))) });
    const loaded = await new BackupFiles(paths).load();
    assert.equal(loaded.crConfig.stats.date, 100);
    assert.equal(loaded.monitoring.profiles.get(profileName('EDGE1'))?.thresholds.length, 2);
  }
});

test('a file that is missing, cut off or invalid is named', async (t) => {
  const { paths, files } = await setUp(t);
  await assert.rejects(files.load(), /backup file .*tm not read: ENOENT/);
  await files.save(documents);
  for (const [file, content, message] of [
    [paths.crConfig, '{}', /cr not usable: invalid CRConfig: CRConfig.Stats.CDN missing/],
    [paths.crConfig, '{"stats":', /cr not usable: invalid CRConfig: not JSON/],
    [paths.monitoring, '', /tm not usable: the monitoring config is not JSON/],
    [paths.monitoring, '{}', /tm not usable: MonitorConfig.TrafficServer empty/],
  ] as const) {
    await writeFile(file, content);
    await assert.rejects(files.load(), message);
  }
  await assert.rejects(
    new BackupFiles({ crConfig: '', monitoring: '' }).load(),
    /no backup file is configured/,
  );
});
