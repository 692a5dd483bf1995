import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { V1StatefulSet } from '@kubernetes/client-node';
import type { KubeApi } from '../../common/kube/api.ts';
import { isConflict, isForbidden, isInvalid, isNotFound } from '../../common/kube/api-error.ts';
import type { ConfigMap } from '../../common/kube/objects.ts';
import { CONFIG_MAPS, type ResourceKind } from '../../common/kube/resource.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import type { Wire } from '../../operator/kube/wire.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { kubeClient } from './kube-client.ts';

const STATEFUL_SETS: ResourceKind<Wire<V1StatefulSet>> = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  scope: 'namespaced',
};

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: our client at the API server: ${missing}`);

describe('our client at a real API server', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let namespace: string;
  let api: KubeApi;
  let transport: KubeTransport;

  before(async () => {
    plane = await ControlPlane.start();
    namespace = await plane.createNamespace();
    ({ api, transport } = await kubeClient(plane.kubeconfigFile('admin', namespace)));
  });

  after(async () => {
    await transport?.close();
    await plane?.stop();
  });

  const map = (name: string, data: Record<string, string>): ConfigMap & { metadata: { name: string } } => ({
    metadata: { name, namespace },
    data,
  });
  const ours = { fieldManager: 'operator', force: false };

  test('applies an object: creates it, changes nothing the second time, then only what is ours', async () => {
    const first = await api.apply(CONFIG_MAPS, map('applied', { a: '1', b: '1' }), ours);
    assert.ok(!('managedFields' in first.metadata));
    const second = await api.apply(CONFIG_MAPS, map('applied', { a: '1', b: '1' }), ours);
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    await api.apply(CONFIG_MAPS, map('applied', { c: '1' }), { fieldManager: 'other', force: false });
    const third = await api.apply(CONFIG_MAPS, map('applied', { a: '2' }), ours);
    assert.deepEqual(third.data, { a: '2', c: '1' });
  });

  test('does not take over what another manager owns, unless it is told to', async () => {
    await api.apply(CONFIG_MAPS, map('owned', { a: 'theirs' }), { fieldManager: 'other', force: false });
    const wanted = map('owned', { a: 'ours' });
    await assert.rejects(api.apply(CONFIG_MAPS, wanted, ours), (error) => {
      assert.ok(isConflict(error), String(error));
      assert.match(String(error), /conflict with "other"/);
      return true;
    });
    assert.deepEqual((await api.apply(CONFIG_MAPS, wanted, { ...ours, force: true })).data, { a: 'ours' });
  });

  test('tries an apply without doing it', async () => {
    await api.apply(CONFIG_MAPS, map('dry', {}), { ...ours, isDryRun: true });
    await assert.rejects(api.get(CONFIG_MAPS, { namespace, name: 'dry' }), (error) => isNotFound(error));
  });

  test('patches and replaces, but not what has changed meanwhile', async () => {
    const at = { namespace, name: 'patched' };
    const created = await api.create(CONFIG_MAPS, map('patched', { a: '1', b: '1' }));
    const patched = await api.mergePatch(CONFIG_MAPS, at, { data: { b: null, c: '1' } });
    assert.deepEqual(patched.data, { a: '1', c: '1' });
    await assert.rejects(api.replace(CONFIG_MAPS, { ...created, data: {} }), (error) => isConflict(error));
    assert.deepEqual((await api.replace(CONFIG_MAPS, { ...patched, data: { d: '1' } })).data, { d: '1' });
  });

  test('deletes the very object that it means, and no other of the same name', async () => {
    const at = { namespace, name: 'deleted' };
    const { metadata } = await api.create(CONFIG_MAPS, map('deleted', {}));
    const wrong = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
    await assert.rejects(api.delete(CONFIG_MAPS, at, wrong), (error) => isConflict(error));
    await api.delete(CONFIG_MAPS, at, { preconditions: { uid: metadata.uid } });
    await assert.rejects(api.get(CONFIG_MAPS, at), (error) => isNotFound(error));
  });

  test('hears why an immutable field does not change, and writes a status apart from the spec', async () => {
    const template = {
      metadata: { labels: { app: 'set' } },
      spec: { containers: [{ name: 'one', image: 'none' }] },
    };
    const set = (serviceName: string): Wire<V1StatefulSet> & { metadata: { name: string } } => ({
      metadata: { name: 'set', namespace },
      spec: { replicas: 0, serviceName, selector: { matchLabels: { app: 'set' } }, template },
    });
    await api.apply(STATEFUL_SETS, set('one'), ours);
    await assert.rejects(api.apply(STATEFUL_SETS, set('two'), { ...ours, force: true }), (error) => {
      assert.ok(isInvalid(error), String(error));
      assert.match(String(error), /updates to statefulset spec for fields other than .* are forbidden/);
      return true;
    });
    const status = { status: { replicas: 7 } };
    const at = { namespace, name: 'set' };
    const written = await api.mergePatch(STATEFUL_SETS, at, status, { subresource: 'status' });
    assert.equal(written.spec?.serviceName, 'one');
  });

  test('is told what it may not do', async (t) => {
    const operator = await kubeClient(plane.kubeconfigFile('operator', namespace));
    t.after(() => operator.transport.close());
    await assert.rejects(operator.api.list(CONFIG_MAPS, { namespace }), (error) => {
      assert.ok(isForbidden(error), String(error));
      assert.match(String(error), /User "operator" cannot list resource "configmaps"/);
      return true;
    });
  });
});
