import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { AssignmentDocument } from '../common/assignment/document.ts';
import { encodeAssignment } from '../common/assignment/encode-document.ts';
import { cdnName, groupName, monitorName } from '../common/ids.ts';
import { keptLog } from '../common/kube/testing/harness.ts';
import { AssignmentSources } from './assignment-sources.ts';
import { until } from './testing/waiting.ts';

const document = (revision: number): AssignmentDocument => ({
  version: 1,
  revision,
  cdn: cdnName('cdn1'),
  group: groupName('emea'),
  redundancy: 'All',
  groups: [{ name: groupName('emea'), cachegroups: [], members: [] }],
  handovers: [],
  failovers: [],
});

async function sourcesOf(t: TestContext, uses: { file?: boolean; configMap?: string }) {
  const directory = await mkdtemp(path.join(tmpdir(), 'assignment-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'assignment.json');
  const errors: string[] = [];
  let accepted = 0;
  const sources = new AssignmentSources({
    self: monitorName('emea-0'),
    settings: () => ({
      assignmentFile: uses.file === true ? file : null,
      assignmentConfigMap: uses.configMap ?? null,
      serviceAccountDir: directory,
    }),
    cdn: () => null,
    userAgent: 'test/1',
    startedMs: 0,
    log: keptLog(),
    onError: (message) => void errors.push(message),
    onAccepted: () => {
      accepted += 1;
    },
    report: () => null,
  });
  t.after(() => sources.stop());
  const write = (revision: number) => writeFile(file, encodeAssignment(document(revision)));
  return { sources, errors, write, accepted: () => accepted };
}

describe('the sources of assignments', () => {
  test('are none in a monitor that goes by the snapshot', async (t) => {
    const { sources } = await sourcesOf(t, {});
    await sources.follow();
    assert.deepEqual([sources.areUsed, sources.waitsFor], [false, null]);
  });

  test('agree on the highest revision, whoever brings it', async (t) => {
    const { sources, write, accepted } = await sourcesOf(t, { file: true });
    await write(3);
    await sources.follow();
    assert.deepEqual([sources.inForce?.document.revision, sources.inForce?.source], [3, 'file']);
    assert.equal(sources.offer(document(5), 'configmap').kind, 'accepted');
    await write(4);
    await until('the file is refused', () => sources.lastRefusal !== null);
    assert.match(sources.lastRefusal?.reason ?? '', /revision 4 is older than revision 5, which is in force/);
    assert.deepEqual([sources.inForce?.document.revision, accepted()], [5, 2]);
  });

  test('outside a cluster are the file alone, which is said', async (t) => {
    const { sources, write, errors } = await sourcesOf(t, { file: true, configMap: 'emea' });
    await write(3);
    await sources.follow();
    assert.equal(sources.inForce?.document.revision, 3);
    assert.equal(errors.length, 1);
    assert.match(
      errors[0] ?? '',
      /from configmap is refused: assignment_config_map "emea" cannot be followed: KUBERNETES_SERVICE_HOST is not set.*; revision 3 stays in force/,
    );
  });

  test('say what they wait for', async (t) => {
    const { sources } = await sourcesOf(t, { file: true });
    assert.equal(
      sources.waitsFor,
      'service still starting, no assignment document is in force: none has been read yet',
    );
    await sources.follow();
    assert.match(sources.waitsFor ?? '', /assignment\.json cannot be read: ENOENT/);
  });
});
