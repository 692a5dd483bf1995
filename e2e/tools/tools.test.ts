import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { type GroupName, groups, kubernetesVersion, moduleFolder } from './programs.ts';
import { alone, cacheFolder, groupFolder } from './tool-cache.ts';
import { findTools } from './tools.ts';

function goMod(group: GroupName): string {
  return fs.readFileSync(path.join(moduleFolder(group), 'go.mod'), 'utf8');
}

describe('the pinned modules', () => {
  for (const [group, { packages }] of groups) {
    // Without its tool line, `go mod tidy` would drop what only this program needs from go.sum.
    test(`${group}: each program has a tool line`, () => {
      for (const name of Object.values(packages)) {
        assert.match(goMod(group), new RegExp(`^(tool )?\\s*${name.replaceAll('.', '\\.')}$`, 'm'));
      }
    });
  }

  test('Kubernetes and its staging modules are of the version that the programs say they are', () => {
    const text = goMod('kubernetes');
    assert.match(text, new RegExp(`k8s\\.io/kubernetes v${kubernetesVersion.replaceAll('.', '\\.')}\\b`));
    const replaced = [...text.matchAll(/^\t(k8s\.io\/\S+) => \1 v(\S+)$/gm)].map(([, , version]) => version);
    assert.ok(replaced.length > 25);
    assert.deepEqual(new Set(replaced), new Set([kubernetesVersion.replace(/^1\./, '0.')]));
  });
});

describe('the cache', () => {
  const home = path.join(os.homedir(), '.cache', 'traffic-monitor-operator');
  const table: readonly (readonly [what: string, environment: NodeJS.ProcessEnv, folder: string])[] = [
    ['nothing is said', {}, home],
    ['XDG says where', { XDG_CACHE_HOME: '/xdg' }, '/xdg/traffic-monitor-operator'],
    ['XDG says a relative path, which is to be ignored', { XDG_CACHE_HOME: 'xdg' }, home],
    [
      'the project says where, which goes first',
      { XDG_CACHE_HOME: '/xdg', TRAFFIC_MONITOR_OPERATOR_CACHE: '/own' },
      '/own',
    ],
  ];
  for (const [what, environment, folder] of table) {
    test(`where it is when ${what}`, () => assert.equal(cacheFolder(environment), folder));
  }

  test('each group has a folder of its own', () => {
    const folders = groups.map(([group]) => groupFolder(group));
    assert.equal(new Set(folders).size, groups.length);
  });
});

describe('finding programs', () => {
  const before = process.env['KUBEBUILDER_ASSETS'];
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-tools-'));

  afterEach(() => {
    if (before === undefined) delete process.env['KUBEBUILDER_ASSETS'];
    else process.env['KUBEBUILDER_ASSETS'] = before;
    fs.rmSync(scratch, { recursive: true, force: true });
  });

  test('those of KUBEBUILDER_ASSETS go first, and nothing is built', async () => {
    for (const name of ['etcd', 'kubectl']) fs.writeFileSync(path.join(scratch, name), '');
    process.env['KUBEBUILDER_ASSETS'] = scratch;
    assert.deepEqual(await findTools(['etcd', 'kubectl']), {
      missing: null,
      tools: { etcd: path.join(scratch, 'etcd'), kubectl: path.join(scratch, 'kubectl') },
    });
  });
});

test('what two do alone they do one after the other', { skip: process.platform !== 'linux' }, async () => {
  const events: string[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: waited, resolve: wait } = Promise.withResolvers<void>();
  const name = `test-${process.pid}`;
  const first = alone(name, assert.fail, async () => {
    begin();
    await waited;
    events.push('first');
  });
  await begun;
  const second = alone(name, wait, async () => {
    events.push('second');
  });
  await Promise.all([first, second]);
  assert.deepEqual(events, ['first', 'second']);
});
