import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readSettings } from './read-settings.ts';
import { SettingsError } from './settings-error.ts';

describe('reading both files', () => {
  let dir = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'settings-'));
  });
  after(() => rm(dir, { recursive: true }));

  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };

  test('gives one frozen whole, with the unknown keys of each', async () => {
    const config = await write('tm.cfg', '{"max_events": 7, "nonsense": 1}');
    const opsCfg = await write('to.cfg', '{"cdnName": "cdn1"}');
    const settings = await readSettings({ config, opsCfg });
    assert.equal(settings.monitor.maxEvents, 7);
    assert.equal(settings.ops.cdnName, 'cdn1');
    assert.deepEqual(settings.monitor.unknownKeys, ['nonsense']);
    assert.ok(Object.isFrozen(settings));
  });

  const environments: [environment: Record<string, string>, username: string, password: string][] = [
    [{}, 'file', 'of the file'],
    [{ TRAFFIC_OPS_USERNAME: 'me', TRAFFIC_OPS_PASSWORD: 'secret' }, 'me', 'secret'],
    [{ TRAFFIC_OPS_USERNAME: '', TRAFFIC_OPS_PASSWORD: 'secret' }, 'file', 'secret'],
  ];
  for (const [environment, username, password] of environments) {
    test(`takes the credentials of the environment ${JSON.stringify(environment)} first`, async () => {
      const config = await write('tm.cfg', '{}');
      const opsCfg = await write('to.cfg', '{"username": "file", "password": "of the file"}');
      const { ops } = await readSettings({ config, opsCfg }, environment);
      assert.deepEqual([ops.username, ops.password], [username, password]);
      assert.ok(Object.isFrozen(ops));
    });
  }

  test('fails as a whole if one is wrong, with its path', async () => {
    const config = await write('tm.cfg', '{}');
    const opsCfg = await write('to.cfg', '{');
    await assert.rejects(
      readSettings({ config, opsCfg }),
      (error) => error instanceof SettingsError && error.file === opsCfg,
    );
  });

  test('fails if one cannot be read, saying why', async () => {
    const absent = join(dir, 'absent.cfg');
    await assert.rejects(readSettings({ config: absent, opsCfg: absent }), {
      name: 'SettingsError',
      message: `${absent}: cannot be read: ENOENT: no such file or directory, open '${absent}'; correct the file, then start or reload again`,
    });
  });
});
