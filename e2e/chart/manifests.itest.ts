import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { cdnName } from '../../common/ids.ts';
import { routerServiceName } from '../../operator/resources/names.ts';
import { operatorRules } from '../../operator/resources/operator-rules.ts';
import { readSettings } from '../../operator/settings.ts';
import { ControlPlane } from '../api/control-plane.ts';
import type { KubeObject } from '../api/rest.ts';
import { programSets } from '../tools/programs.ts';
import { findTools, type Tools, whyMissing } from '../tools/tools.ts';
import { chartFolder, Helm, type Values } from './helm.ts';
import { type OpenApi, schemaLocation, writeJsonSchemas } from './json-schemas.ts';
import { prometheusDefinitions } from './prometheus-operator.ts';

const missing = whyMissing([...programSets.api, ...programSets.chart]);
if (missing !== null) console.log(`SKIPPED: manifests of the chart: ${missing}`);

const ci = path.join(chartFolder, 'ci');
const files = fs.readdirSync(ci);
const least: Values = { cdn: 'my-cdn', trafficOps: { existingSecret: 'traffic-ops' } };
const groupsPath = '/apis/trafficcontrol.cdn/v1alpha1/namespaces/default/trafficmonitorgroups';

describe('the manifests of the chart', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let tools: Tools<'helm' | 'kubeconform'>;
  let helm: Helm;
  let folder: string;

  const render = async (values: Values | string, ...args: readonly string[]): Promise<string> => {
    const line = ['template', 'one', chartFolder, '--namespace', 'traffic-control', ...args];
    return typeof values === 'string'
      ? helm.run([...line, '--values', path.join(ci, values)])
      : helm.run(line, values);
  };
  const objectsOf = async (values: Values | string): Promise<readonly KubeObject[]> =>
    (loadAll(await render(values)) as (KubeObject | null)[]).filter((object) => object !== null);

  before(async () => {
    const found = await findTools(programSets.chart);
    assert.ok(found.tools !== null);
    tools = found.tools;
    helm = new Helm(tools.helm, null);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-manifests-'));
    plane = await ControlPlane.start();
    const crds = path.join(import.meta.dirname, '../../crds');
    for (const file of [crds, ...prometheusDefinitions()]) {
      await plane.kubectl('apply', '--server-side', '-f', file);
    }
    const kinds = new Set(
      (await Promise.all(files.map(objectsOf))).flat().map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
    );
    // The API server tells of new kinds a moment later.
    await plane.until('schemas of all kinds', async () => {
      writeJsonSchemas(folder, (await plane.admin.ask('GET', '/openapi/v2')).body as OpenApi, kinds);
      return fs.readdirSync(folder).length === kinds.size;
    });
  });

  after(async () => {
    helm?.close();
    await plane?.stop();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true });
  });

  for (const file of files) {
    test(`helm finds no fault with ci/${file}`, async () => {
      await helm.run(['lint', '--strict', chartFolder, '--values', path.join(ci, file)]);
    });

    test(`kubeconform finds none in what is made of it, strictly`, async () => {
      const manifests = path.join(os.tmpdir(), `${path.basename(folder)}-${file}`);
      fs.writeFileSync(manifests, await render(file));
      try {
        const line = ['-strict', '-summary', '-schema-location', schemaLocation(folder), manifests];
        const { stdout } = await promisify(execFile)(tools.kubeconform, line);
        assert.match(stdout, /Invalid: 0, Errors: 0, Skipped: 0/);
      } finally {
        fs.rmSync(manifests);
      }
    });

    test('every object has a name of its own and the labels of the release', async () => {
      const objects = await objectsOf(file);
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.equal(new Set(names).size, names.length, names.join());
      for (const { kind, metadata } of objects) {
        assert.equal(metadata.labels?.['app.kubernetes.io/instance'], 'one', `${kind} ${metadata.name}`);
        assert.equal(metadata.labels?.['app.kubernetes.io/managed-by'], 'Helm', `${kind} ${metadata.name}`);
      }
    });

    test('the operator understands the environment that it gets', async () => {
      const deployment = (await objectsOf(file)).find(({ kind }) => kind === 'Deployment');
      assert.ok(deployment !== undefined);
      const { template } = deployment['spec'] as {
        template: { spec: { containers: { env: { name: string; value?: string }[] }[] } };
      };
      const environment = (template.spec.containers[0]?.env ?? []).map(({ name, value = 'by-field' }) => [
        name,
        value,
      ]);
      readSettings(Object.fromEntries(environment) as Record<string, string>);
    });

    test('the API server would take its groups', async () => {
      const texts = (await objectsOf(file)).flatMap(({ kind, data }) => {
        const text =
          kind === 'ConfigMap' ? (data as Readonly<Record<string, string>>)['groups.json'] : undefined;
        return text === undefined ? [] : [text];
      });
      const [text = ''] = texts;
      for (const { name, spec } of JSON.parse(text) as { name: string; spec: object }[]) {
        await plane.admin.create(`${groupsPath}?dryRun=All&fieldValidation=Strict`, {
          apiVersion: 'trafficcontrol.cdn/v1alpha1',
          kind: 'TrafficMonitorGroup',
          metadata: { name },
          spec: { ...spec, cdn: 'my-cdn' },
        });
      }
    });
  }

  test('that have a field too many would be seen by kubeconform', async () => {
    const file = path.join(os.tmpdir(), `${path.basename(folder)}-slip.yaml`);
    const rendered = await render('everything-values.yaml');
    fs.writeFileSync(file, rendered.replace('podMetricsEndpoints:', 'podMetricEndpoints:'));
    const line = ['-strict', '-schema-location', schemaLocation(folder), file];
    const outcome = promisify(execFile)(tools.kubeconform, line);
    await assert.rejects(outcome, { stdout: /PodMonitor .* is invalid/ });
    fs.rmSync(file);
  });

  test('give the operator exactly the rights that it says it needs', async () => {
    const role = (await objectsOf(least)).find(
      ({ kind, metadata }) => kind === 'Role' && metadata.name.endsWith('-operator'),
    );
    assert.deepEqual(role?.['rules'], JSON.parse(JSON.stringify(operatorRules)));
  });

  for (const cdn of [
    'my-cdn',
    'CDN',
    'over.the.top',
    'a_b',
    'A-',
    'x'.repeat(47),
    'x'.repeat(48),
    `${'ab-'.repeat(15)}z_`,
    `Over-${'y'.repeat(33)}_z`,
  ]) {
    test(`name the routers' Service of CDN ${cdn} as the operator does`, async () => {
      const named = cdn.replace(/[-_]$/, '0');
      const notes = await helm.run(
        ['install', 'one', chartFolder, '--dry-run=client', '--output', 'json', '--namespace', 'x'],
        { ...least, cdn: named },
      );
      const { info } = JSON.parse(notes) as { info: { notes: string } };
      assert.ok(info.notes.includes(`the Service ${routerServiceName(cdnName(named))}, port 80`), info.notes);
    });
  }

  const refused: readonly (readonly [what: string, values: Values, message: RegExp])[] = [
    ['no CDN', { cdn: '' }, /\/cdn/],
    ['a CDN that cannot be one', { cdn: 'a b' }, /\/cdn/],
    ['a value that does not exist', { ...least, trafficops: {} }, /trafficops/],
    ['a slip within', { ...least, operator: { replica: 3 } }, /replica/],
    ['an unknown field of a group', { ...least, groups: { a: { replcas: 3 } } }, /replcas/],
    ['an unknown field within', { ...least, groups: { a: { service: { typ: 'x' } } } }, /typ/],
    ['the CDN in a group', { ...least, groups: { a: { cdn: 'other' } } }, /cdn/],
    ['too many replicas', { ...least, groups: { a: { replicas: 65 } } }, /replicas/],
    ['a group with a bad name', { ...least, groups: { A_b: {} } }, /A_b/],
    ['an unknown field of the defaults', { ...least, groupDefaults: { x: 1 } }, /x/],
    ['an unknown type of Service', { ...least, routerService: { type: 'Ingress' } }, /type/],
    ['a URL that is none', { ...least, trafficOps: { url: 'traffic-ops' } }, /url/],
    ['a digest that is none', { ...least, image: { digest: 'abc' } }, /digest/],
    ['a user without a password', { ...least, trafficOps: { username: 'a' } }, /password is needed/],
  ];
  for (const [what, values, message] of refused) {
    test(`are not made of ${what}`, async () => {
      await assert.rejects(render(values), message);
    });
  }

  test('are not made for a Kubernetes that does not know what the definition needs', async () => {
    await assert.rejects(render(least, '--kube-version', '1.30.9'), /1\.31/);
    await render(least, '--kube-version', 'v1.31.0-eks-1');
  });

  test('have a definition that stays, goes or is not there, as wanted', async () => {
    const policyOf = async (crds: Values): Promise<unknown> => {
      const found = (await objectsOf({ ...least, crds })).find(({ kind }) =>
        kind.startsWith('CustomResource'),
      );
      return found === undefined ? null : (found.metadata.annotations?.['helm.sh/resource-policy'] ?? 'none');
    };
    assert.equal(await policyOf({}), 'keep');
    assert.equal(await policyOf({ keep: false }), 'none');
    assert.equal(await policyOf({ enabled: false }), null);
  });
});
