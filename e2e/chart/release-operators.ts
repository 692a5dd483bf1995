import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BackgroundProgram } from '../api/background-program.ts';
import type { ControlPlane } from '../api/control-plane.ts';
import type { ReleasePods } from './release-pods.ts';

interface DeploymentSpec {
  readonly template: {
    readonly spec: {
      readonly serviceAccountName: string;
      readonly containers: readonly {
        readonly args: readonly string[];
        readonly env: readonly { readonly name: string; readonly value?: string }[];
      }[];
    };
  };
}

const graceMs = 10_000;

/** Runs the programs of the chart's Deployments on this machine, where there are no nodes. */
export class ReleaseOperators {
  readonly #plane: ControlPlane;
  readonly #namespace: string;
  readonly #pods: ReleasePods;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-release-operators-'));
  readonly #operators: BackgroundProgram[] = [];

  constructor(plane: ControlPlane, namespace: string, pods: ReleasePods) {
    this.#plane = plane;
    this.#namespace = namespace;
    this.#pods = pods;
  }

  /**
   * One operator of a release, with the environment and the service account of its Deployment.
   * @param listen where it answers, as in a pod it has an address of its own
   */
  async start(release: string, listen = '127.0.0.1:0'): Promise<void> {
    const name = `${release}-traffic-monitor-operator`;
    const where = `/apis/apps/v1/namespaces/${this.#namespace}/deployments/${name}`;
    const deployment = await this.#plane.admin.get(where);
    if (deployment === null) throw new Error(`no Deployment ${name}`);
    const { containers, serviceAccountName } = (deployment['spec'] as DeploymentSpec).template.spec;
    const environment = {
      ...Object.fromEntries((containers[0]?.env ?? []).map(({ name, value = '' }) => [name, value])),
      // What the pod would tell of itself.
      NAMESPACE: this.#namespace,
      POD_NAME: `${name}-0`,
      SERVICE_ACCOUNT: serviceAccountName,
      LISTEN: listen,
      KUBECONFIG: await this.#pods.kubeconfigOf(serviceAccountName),
    };
    const settings = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
    const line = [...settings, process.execPath, ...(containers[0]?.args ?? [])];
    const operator = new BackgroundProgram(name, 'env', line, this.#folder);
    operator.start();
    this.#operators.push(operator);
  }

  /** Ends all of them in good order. */
  async stop(): Promise<void> {
    await Promise.all(this.#operators.map((operator) => operator.stop(graceMs)));
  }

  async close(): Promise<void> {
    await this.stop();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
