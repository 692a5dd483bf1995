import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load } from 'js-yaml';
import { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { ControlPlane } from '../api/control-plane.ts';
import { ProgramPods, showRunning } from '../api/program-pods.ts';
import type { KubeObject } from '../api/rest.ts';
import { missingPrometheus, Prometheus } from '../rules/prometheus.ts';
import { programSets } from '../tools/programs.ts';
import { findTools, whyMissing } from '../tools/tools.ts';
import { targetsOfPods, targetsOfServices } from './discovered-targets.ts';
import { chartFolder, Helm } from './helm.ts';
import { prometheusDefinitions } from './prometheus-operator.ts';
import { ReleaseOperators } from './release-operators.ts';
import { ReleasePods } from './release-pods.ts';
import { scrapeConfigsOf } from './scrape-configs.ts';

const missing = whyMissing([...programSets.api, ...programSets.chart]) ?? missingPrometheus;
if (missing !== null) console.log(`SKIPPED: Prometheus finds what the chart tells it: ${missing}`);

const operatorAddress = '127.77.1.1';

interface ActiveTarget {
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

describe('Prometheus finds what PodMonitor and ServiceMonitor of a release say', {
  skip: missing ?? false,
}, () => {
  let plane: ControlPlane;
  let namespace: string;
  let cdn: SimulatedCdn;
  let helm: Helm;
  let hooks: ReleasePods;
  let operators: ReleaseOperators;
  let monitors: ProgramPods;
  let prometheus: Prometheus;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-scraping-'));

  const monitoringObjects = async (): Promise<readonly KubeObject[]> => {
    const all: KubeObject[] = [];
    for (const [kind, plural] of [
      ['PodMonitor', 'podmonitors'],
      ['ServiceMonitor', 'servicemonitors'],
    ] as const) {
      const where = `/apis/monitoring.coreos.com/v1/namespaces/${namespace}/${plural}`;
      // Members of a list do not say their kind.
      all.push(...(await plane.admin.list(where)).map((object) => ({ ...object, kind })));
    }
    return all;
  };
  /** Everything in the namespace is discovered; what is scraped, and under which names, is for the two to say. */
  const scrapeConfigs = async () => {
    const list = (plural: string) => plane.admin.list(`/api/v1/namespaces/${namespace}/${plural}`);
    const pods = await list('pods');
    const services = targetsOfServices(await list('services'), pods);
    return (await monitoringObjects()).flatMap((object) =>
      scrapeConfigsOf(object, object.kind === 'PodMonitor' ? targetsOfPods(pods) : services),
    );
  };
  const targets = async (): Promise<readonly ActiveTarget[]> =>
    ((await prometheus.ask('targets?state=active')) as { activeTargets: readonly ActiveTarget[] })
      .activeTargets;

  before(async () => {
    const { tools } = await findTools(programSets.chart);
    assert.ok(tools !== null);
    plane = await ControlPlane.start();
    namespace = await plane.createNamespace('scraped');
    for (const file of prometheusDefinitions()) {
      const definition = load(fs.readFileSync(file, 'utf8')) as { metadata: { name: string } };
      const where = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      await plane.admin.apply(`${where}/${definition.metadata.name}`, definition);
    }
    cdn = await SimulatedCdn.start({
      world: { edges: 6, cachegroups: 2, intervals: { health: 500, trafficOps: 500 } },
    });
    helm = new Helm(tools.helm, plane.kubeconfigFile('admin', namespace));
    hooks = new ReleasePods(plane, namespace);
    hooks.start();
    const { url, username, password } = cdn.trafficOps;
    await plane.until('the definitions to be known', async () => {
      const { status } = await plane.admin.ask('GET', '/apis/monitoring.coreos.com/v1/podmonitors');
      return status === 200;
    });
    await helm.run(['install', 'one', chartFolder, '--namespace', namespace], {
      cdn: cdn.world.cdn,
      trafficOps: { url, username, password },
      groupDefaults: { location: cdn.world.cachegroups[0]?.cachegroup },
      groups: { emea: { replicas: 2 } },
      operator: { replicas: 1 },
      metrics: {
        podMonitor: { enabled: true, interval: '1s' },
        serviceMonitor: { enabled: true, interval: '1s' },
      },
    });
    operators = new ReleaseOperators(plane, namespace, hooks);
    await operators.start('one', `${operatorAddress}:8081`);
    const selector = 'labelSelector=app.kubernetes.io%2Fcomponent%3Doperator';
    let pod: KubeObject | undefined;
    await plane.until("the operator's pod", async () => {
      [pod] = await plane.admin.list(`/api/v1/namespaces/${namespace}/pods?${selector}`);
      return pod !== undefined;
    });
    await showRunning(plane, namespace, { name: pod?.metadata.name ?? '', address: operatorAddress });
    monitors = new ProgramPods({ plane, namespace, trafficOps: cdn.trafficOps }, folder);
    await monitors.startAll(2);
    const configs = await scrapeConfigs();
    prometheus = await Prometheus.start(configs, 1);
  });

  after(async () => {
    await prometheus?.stop();
    await monitors?.stop();
    await operators?.close();
    await hooks?.stop();
    helm?.close();
    await plane?.stop();
    await cdn?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('each pod once, and it answers', async () => {
    const told = async (): Promise<readonly string[]> =>
      (await targets()).map(({ labels, health }) => `${labels['instance']} ${health}`).sort();
    const [operator = ''] = (await plane.admin.list(`/api/v1/namespaces/${namespace}/pods`))
      .map(({ metadata }) => metadata.name)
      .filter((name) => name.startsWith('one-traffic-monitor-operator-'));
    const expected = [`${operator} up`, 'tm-emea-0 up', 'tm-emea-1 up'];
    await plane.until('all to be scraped', async () => (await told()).join() === expected.join());
  });

  test('with the labels that rules and dashboards ask for', async () => {
    const all = await targets();
    const ofMonitor = all.find(({ labels }) => labels['instance'] === 'tm-emea-1');
    assert.deepEqual(ofMonitor?.labels, {
      cdn: cdn.world.cdn,
      container: 'monitor',
      endpoint: 'http',
      instance: 'tm-emea-1',
      job: `${namespace}/one-traffic-monitor-monitors`,
      monitor_group: 'emea',
      namespace,
      pod: 'tm-emea-1',
    });
    const ofOperator = all.find(({ labels }) => labels['service'] !== undefined);
    assert.deepEqual([ofOperator?.labels['namespace'], ofOperator?.labels['cdn']], [namespace, undefined]);
    assert.equal(ofOperator?.labels['instance'], ofOperator?.labels['pod']);
  });

  test('so the metrics of both tell of the same CDN and group', async () => {
    const one = async (query: string): Promise<string | undefined> => {
      const { result } = (await prometheus.ask(`query?${new URLSearchParams({ query })}`)) as {
        readonly result: readonly { readonly value: readonly [number, string] }[];
      };
      return result.length === 1 ? result[0]?.value[1] : undefined;
    };
    await plane.until('the group to be told of by both', async () => {
      const cdnLabel = `{cdn="${cdn.world.cdn}"}`;
      const byMonitors = await one(`max by (cdn, group) (tm_group_members_live${cdnLabel})`);
      const byOperator = await one(`max by (cdn, group) (tm_operator_group_monitors{state="live"})`);
      return byMonitors === '2' && byOperator === '2';
    });
  });
});
