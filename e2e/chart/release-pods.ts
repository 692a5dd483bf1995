import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ControlPlane } from '../api/control-plane.ts';
import type { KubeObject } from '../api/rest.ts';
import { kubeconfig } from '../api/users.ts';

const root = path.join(import.meta.dirname, '../..');
const lookEveryMs = 200;
const programLimitMs = 60_000;

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly {
    readonly name: string;
    readonly args: readonly string[];
    readonly env: readonly EnvironmentVariable[];
  }[];
}

/**
 * Stands in for the kubelet where there are no nodes: runs the program of every pod of the chart's hooks on this
 * machine, with the pod's arguments, environment and service account, and tells how it ended.
 */
export class ReleasePods {
  readonly #plane: ControlPlane;
  readonly #namespace: string;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-release-pods-'));
  readonly #begun = new Set<string>();
  /** Pod → what it printed, the latest last. */
  readonly logs = new Map<string, string>();
  /** Environment variables that mean another place here. */
  readonly replaced = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(plane: ControlPlane, namespace: string) {
    this.#plane = plane;
    this.#namespace = namespace;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = Promise.all([this.#running, this.#look().catch(() => {})]);
    }, lookEveryMs);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  async #look(): Promise<void> {
    const selector = encodeURIComponent('app.kubernetes.io/component in (groups,test)');
    const base = `/api/v1/namespaces/${this.#namespace}/pods`;
    for (const pod of await this.#plane.admin.list(`${base}?labelSelector=${selector}`)) {
      const { name, uid = '' } = pod.metadata;
      if (this.#begun.has(uid)) continue;
      this.#begun.add(uid);
      const { code, output } = await this.#run(pod);
      this.logs.set(name, output);
      await this.#plane.admin.mergePatch(`${base}/${name}/status`, {
        status: endedStatus(pod, code),
      });
    }
  }

  async #run(pod: KubeObject): Promise<{ readonly code: number; readonly output: string }> {
    const { containers, serviceAccountName } = pod['spec'] as PodSpec;
    const [container] = containers;
    if (container === undefined) throw new Error('a pod without a container');
    const file = await this.kubeconfigOf(serviceAccountName);
    const environment = Object.fromEntries(container.env.map(({ name, value = '' }) => [name, value]));
    for (const [name, value] of this.replaced) if (name in environment) environment[name] = value;
    if (environment['GROUPS_FILE'] !== undefined)
      environment['GROUPS_FILE'] = await this.#groupsFile(`${environment['RELEASE']}`);
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        container.args,
        { cwd: root, timeout: programLimitMs, env: { ...environment, KUBECONFIG: file } },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, output: stdout + stderr });
        },
      );
    });
  }

  /** A kubeconfig file with a token of a service account, so with its rights and no others. */
  async kubeconfigOf(account: string): Promise<string> {
    const where = `/api/v1/namespaces/${this.#namespace}/serviceaccounts/${account}/token`;
    const answer = await this.#plane.admin.create(where, { spec: { expirationSeconds: 3600 } });
    const { token } = answer['status'] as { readonly token: string };
    const file = path.join(this.#folder, `${account}.kubeconfig`);
    fs.writeFileSync(file, kubeconfig({ ...this.#plane.access('admin'), token }, this.#namespace));
    return file;
  }

  /** What the pod would have mounted. */
  async #groupsFile(release: string): Promise<string> {
    const selector = encodeURIComponent(`app.kubernetes.io/instance=${release}`);
    const maps = await this.#plane.admin.list(
      `/api/v1/namespaces/${this.#namespace}/configmaps?labelSelector=${selector}`,
    );
    const texts = maps.map(({ data }) => (data as Readonly<Record<string, string>>)['groups.json'] ?? '');
    const file = path.join(this.#folder, `${release}.json`);
    fs.writeFileSync(file, texts.find((text) => text !== '') ?? '');
    return file;
  }
}

/** What a kubelet tells of a pod whose only container has ended. */
function endedStatus(pod: KubeObject, exitCode: number): object {
  const [container] = (pod['spec'] as PodSpec).containers;
  const now = new Date().toISOString();
  const terminated = { exitCode, startedAt: now, finishedAt: now };
  const state = { name: container?.name, state: { terminated }, ready: false, restartCount: 0 };
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [{ ...state, image: 'none', imageID: 'none' }],
  };
}
