import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load } from 'js-yaml';
import { FoundCluster } from '../cluster/found/found-cluster.ts';
import { allGroups, definitionPath, needsDefinition } from '../cluster/found/occupancy.ts';
import { createRunNamespace, removeTraces } from '../cluster/found/traces.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import type { KubeObject } from './rest.ts';

const missing = whyMissing(programSets.api);
if (missing !== null) console.log(`SKIPPED: a cluster that was found: ${missing}`);

const found = path.join(import.meta.dirname, '../cluster/found');
const definitions = path.posix.dirname(definitionPath);
/** At which the API server takes this machine for a pod, which it does not at loopback. */
const outer = Object.values(os.networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
const run = (id: string) => ({ id, namespace: `tmo-e2e-${id}` });

describe('a cluster that was found', { skip: missing ?? false }, () => {
  let plane: ControlPlane;

  const definition = (): { metadata: object } =>
    load(fs.readFileSync(path.join(import.meta.dirname, '../../crds/trafficmonitorgroups.yaml'), 'utf8')) as {
      metadata: object;
    };
  /** As Helm makes it for a release in this namespace. */
  const bringDefinition = async (namespace: string): Promise<void> => {
    const { metadata, ...rest } = definition();
    const annotations = { 'meta.helm.sh/release-namespace': namespace };
    await plane.admin.create(definitions, { ...rest, metadata: { ...metadata, annotations } });
    await plane.until('the definition', async () => (await plane.admin.ask('GET', allGroups)).status === 200);
  };
  const removeDefinition = async (): Promise<void> => {
    await plane.admin.delete(definitionPath);
    await plane.until('it to go', async () => (await plane.admin.get(definitionPath)) === null);
  };
  const groupsIn = (namespace: string): string =>
    allGroups.replace(/[^/]*$/, `namespaces/${namespace}/trafficmonitorgroups`);
  const groupIn = async (namespace: string): Promise<KubeObject> =>
    plane.admin.create(groupsIn(namespace), {
      apiVersion: 'trafficcontrol.cdn/v1alpha1',
      kind: 'TrafficMonitorGroup',
      // Nobody is there to take it off.
      metadata: { name: 'emea', finalizers: ['trafficcontrol.cdn/hand-over'] },
      spec: { cdn: 'cdn', location: 'london' },
    });
  const exists = async (namespace: string): Promise<boolean> =>
    (await plane.admin.get(`/api/v1/namespaces/${namespace}`)) !== null;

  before(async () => {
    plane = await ControlPlane.start();
  });

  after(() => plane?.stop());

  test('without anything of ours needs the definition', async () => {
    assert.equal(await needsDefinition(plane.admin), true);
  });

  test('with the same definition keeps it', async () => {
    await bringDefinition('elsewhere');
    assert.equal(await needsDefinition(plane.admin), false);
    await createRunNamespace(plane.admin, run('1'));
    await groupIn(run('1').namespace);
    await removeTraces(plane.admin, run('1'));
    assert.equal(await exists(run('1').namespace), false);
    assert.equal(await needsDefinition(plane.admin), false);
    await removeDefinition();
  });

  test('gives back the definition that a run has brought', async () => {
    await createRunNamespace(plane.admin, run('2'));
    await bringDefinition(run('2').namespace);
    await groupIn(run('2').namespace);
    await removeTraces(plane.admin, run('2'));
    assert.equal(await exists(run('2').namespace), false);
    assert.equal(await plane.admin.get(definitionPath), null);
  });

  test('with another definition is refused', async () => {
    await bringDefinition('elsewhere');
    await plane.admin.ask(
      'PATCH',
      definitionPath,
      [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/description', value: 'another' }],
      'application/json-patch+json',
    );
    // For a moment after the change the API server answers 429.
    await plane.until('the refusal', () =>
      needsDefinition(plane.admin).then(
        () => false,
        ({ message }: Error) => /another version .*Nothing was changed/.test(message),
      ),
    );
    await removeDefinition();
  });

  test('with a group of somebody else is refused', async () => {
    const namespace = await plane.createNamespace('somebody');
    await bringDefinition(namespace);
    await groupIn(namespace);
    await assert.rejects(
      needsDefinition(plane.admin),
      new RegExp(`in use: TrafficMonitorGroup ${namespace}/emea.*Nothing was changed`),
    );
    await removeTraces(plane.admin, { id: 'none', namespace });
    assert.equal(await exists(namespace), true, 'the namespace is not of a run');
    await plane.admin.mergePatch(`${groupsIn(namespace)}/emea`, { metadata: { finalizers: null } });
    await plane.admin.delete(`${groupsIn(namespace)}/emea`);
  });

  test('is left as it was by a program that is killed', async () => {
    const { id, namespace } = run('3');
    const code = `
      const { Guarding } = await import('${path.join(found, '../guarding.ts')}');
      await Guarding.begin('${path.join(found, 'guard.ts')}', ['${id}', '${namespace}']);
      console.log('guarded');
      setInterval(() => {}, 1000);`;
    const program = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, KUBECONFIG: plane.kubeconfigFile('admin') },
    });
    await Promise.race([once(program.stdout, 'data'), once(program, 'exit')]);
    await createRunNamespace(plane.admin, run(id));
    await assert.rejects(createRunNamespace(plane.admin, { id: 'another', namespace }), /already exists/);
    program.kill('SIGKILL');
    // The guard holds its output open for as long as it cleans up.
    program.stdout.resume();
    await once(program.stdout, 'end');
    assert.equal(await exists(namespace), false);
  });

  describe('taken for a proof', {
    skip: outer === undefined ? 'this machine has loopback only' : false,
  }, () => {
    let cluster: FoundCluster;
    let logins: string;
    let server: http.Server;
    let port: number;
    const core = (): string => `/api/v1/namespaces/${cluster.namespace}`;
    /** What a kubelet would tell of a pod. */
    const tell = (pod: string, status: object): Promise<KubeObject> =>
      plane.admin.mergePatch(`${core()}/pods/${pod}/status`, { status });
    const endProbe = (exitCode: number, message: string): Promise<void> =>
      plane.until('the probe', async () => {
        const name = 'probe';
        const terminated = { exitCode, message };
        const containerStatus = { name, image: name, imageID: '', ready: false, restartCount: 0 };
        await tell(name, { containerStatuses: [{ ...containerStatus, state: { terminated } }] });
        return true;
      });

    before(async () => {
      await removeDefinition();
      logins = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-logins-')), 'config.json');
      fs.writeFileSync(logins, '{"auths": {}}');
      const environment = {
        ...process.env,
        KUBECONFIG: plane.kubeconfigFile('admin'),
        E2E_IMAGE: 'registry.example.net/tm:1',
        E2E_PULL_CONFIG: logins,
        E2E_HOST_ADDRESS: outer,
      };
      cluster = await FoundCluster.open(environment, { helm: 'not needed', kubectl: 'not needed' });
      server = http.createServer(({ url }, response) => response.end(`asked for ${url}`));
      await new Promise<void>((resolve) => server.listen(0, outer, resolve));
      port = (server.address() as AddressInfo).port;
    });

    after(async () => {
      fs.rmSync(path.dirname(logins), { recursive: true });
      server?.close();
      await cluster?.close();
    });

    test('is told when pods do not reach this machine', async () => {
      const told = assert.rejects(
        cluster.createNamespace(),
        new RegExp(`do not reach this machine at ${outer}.*ETIMEDOUT.*E2E_HOST_ADDRESS`),
      );
      await endProbe(1, 'connect ETIMEDOUT');
      await told;
    });

    test('has the logins that its image is pulled with', async () => {
      const secret = await plane.admin.get(`${core()}/secrets/${cluster.image.pullSecrets[0]}`);
      assert.equal(secret?.['type'], 'kubernetes.io/dockerconfigjson');
    });

    test('answers for its pods', async () => {
      await plane.admin.create(`${core()}/pods`, {
        metadata: { name: 'tm-emea-0' },
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'monitor',
              image: 'none',
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      });
      await tell('tm-emea-0', { podIP: outer, podIPs: [{ ip: outer }] });
      const ask = cluster.reachPod({ name: 'tm-emea-0' }, port);
      assert.deepEqual(await ask('/publish/CrStates?raw', 2000), {
        status: 200,
        text: 'asked for /publish/CrStates?raw',
      });
      const startMs = performance.now();
      for (let count = 0; count < 100; count++) await ask('/publish/CrStates', 2000);
      console.log(
        `100 answers of a pod through the API server in ${(performance.now() - startMs).toFixed(0)} ms`,
      );
    });

    test('answers for its Services, once they are there', async () => {
      assert.equal(await cluster.reachService('router', 80), null);
      await plane.admin.create(`${core()}/services`, {
        metadata: { name: 'router' },
        spec: { ports: [{ name: 'http', port: 80, targetPort: port }] },
      });
      // The API server asks pods only.
      const pod = { name: 'tm-emea-0', namespace: cluster.namespace };
      await plane.admin.create(`${core()}/endpoints`, {
        metadata: { name: 'router' },
        subsets: [
          { addresses: [{ ip: outer, targetRef: { kind: 'Pod', ...pod } }], ports: [{ name: 'http', port }] },
        ],
      });
      const ask = await cluster.reachService('router', 80);
      assert.ok(ask !== null);
      await plane.until('an answer', async () => (await ask('/publish/CrStates', 2000)).status === 200);
    });

    test('has nothing of it afterwards', async () => {
      await cluster.close();
      assert.equal(await exists(cluster.namespace), false);
    });
  });
});
