import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { closeServer, listenOn, portOf } from '../../sim/listening.ts';
import { findTools, type Tools } from '../tools/tools.ts';
import { BackgroundProgram } from './background-program.ts';
import { apiServerArguments, controllerManagerArguments, etcdArguments } from './control-plane-arguments.ts';
import { Rest } from './rest.ts';
import {
  type Access,
  kubeconfig,
  newUser,
  type User,
  writeServiceAccountKeys,
  writeTokenFile,
} from './users.ts';

type ApiTools = Tools<'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl'>;
/** Who has a token: `operator` and `monitor` may do nothing until a test grants it. */
export type UserName = 'admin' | 'operator' | 'monitor';

const startLimitMs = 60_000;
/** An API server with open watches does not end by itself. */
const stopGraceMs = 2000;
/** In the end there is nothing to be kept. */
const noGraceMs = 0;
const lookEveryMs = 50;
const prefix = 'tmo-api-';

/**
 * A real etcd, kube-apiserver and kube-controller-manager on free ports of loopback, without root; for one test
 * file. There are no nodes: pods are made, and stay Pending.
 */
export class ControlPlane {
  readonly #tools: ApiTools;
  readonly #folder: string;
  readonly #server: string;
  readonly #users: ReadonlyMap<string, User>;
  readonly #etcd: BackgroundProgram;
  readonly #apiServer: BackgroundProgram;
  readonly #controllerManager: BackgroundProgram;
  readonly #removeOnExit = (): void =>
    fs.rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  readonly #onSignal = (): void => {
    this.#kill();
    process.exit(130);
  };
  #admin: Rest | null = null;
  #count = 0;

  private constructor(tools: ApiTools, folder: string, ports: readonly [number, number, number]) {
    const [etcdPort, peerPort, apiPort] = ports;
    const etcd = `http://127.0.0.1:${etcdPort}`;
    this.#tools = tools;
    this.#folder = folder;
    this.#server = `https://127.0.0.1:${apiPort}`;
    const users = [
      newUser('admin', 'system:masters'),
      newUser('operator'),
      newUser('monitor'),
      newUser('system:kube-controller-manager'),
    ];
    this.#users = new Map(users.map((user) => [user.name, user]));
    const program = (name: keyof ApiTools, args: readonly string[]): BackgroundProgram =>
      new BackgroundProgram(name, tools[name], args, folder);
    this.#etcd = program('etcd', etcdArguments(folder, etcd, `http://127.0.0.1:${peerPort}`));
    this.#apiServer = program(
      'kube-apiserver',
      apiServerArguments({
        folder,
        etcd,
        address: '127.0.0.1',
        port: apiPort,
        services: '10.0.0.0/24',
        authorization: 'RBAC',
      }),
    );
    this.#controllerManager = program('kube-controller-manager', controllerManagerArguments(folder));
  }

  /** Starts all three and waits until they work; a few seconds. Throws when they cannot be had. */
  static async start(): Promise<ControlPlane> {
    const found = await findTools(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']);
    if (found.missing !== null) throw new Error(found.missing);
    removeLeftovers();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${prefix}${process.pid}-`));
    const plane = new ControlPlane(found.tools, folder, await threeFreePorts());
    process.on('exit', plane.#removeOnExit);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, plane.#onSignal);
    try {
      await plane.#start();
    } catch (error) {
      await plane.stop();
      throw error;
    }
    return plane;
  }

  async #start(): Promise<void> {
    writeTokenFile(path.join(this.#folder, 'tokens.csv'), [...this.#users.values()]);
    writeServiceAccountKeys(this.#folder);
    this.#etcd.start();
    this.#apiServer.start();
    await this.#untilReady();
    const access = this.#accessOf('system:kube-controller-manager');
    fs.writeFileSync(path.join(this.#folder, 'controller-manager.kubeconfig'), kubeconfig(access, 'default'));
    this.#controllerManager.start();
    const admin = this.admin;
    await this.until('the default service account', async () => {
      return (await admin.get('/api/v1/namespaces/default/serviceaccounts/default')) !== null;
    });
  }

  /** All rights, by path. */
  get admin(): Rest {
    this.#admin ??= new Rest(this.access('admin'));
    return this.#admin;
  }

  /** Address, certificates and token of a user. */
  access(user: UserName): Access {
    return this.#accessOf(user);
  }

  #accessOf(name: string): Access {
    const token = this.#users.get(name)?.token;
    if (token === undefined) throw new Error(`${name} is no user of this API server`);
    return { server: this.#server, authority: this.servingCertificate.cert, token };
  }

  /** What the API server shows to clients; a proxy in front of it may show the same. */
  get servingCertificate(): { readonly cert: string; readonly key: string } {
    const read = (name: string): string => fs.readFileSync(path.join(this.#folder, 'certs', name), 'utf8');
    return { cert: read('apiserver.crt'), key: read('apiserver.key') };
  }

  /** A kubeconfig file of this user; `server` may be that of a proxy in between. */
  kubeconfigFile(user: UserName, namespace = 'default', server = this.#server): string {
    this.#count += 1;
    const file = path.join(this.#folder, `${user}-${this.#count}.kubeconfig`);
    fs.writeFileSync(file, kubeconfig({ ...this.access(user), server }, namespace), { mode: 0o600 });
    return file;
  }

  /** Makes a namespace with a name that nobody has had. */
  async createNamespace(name = 'e2e'): Promise<string> {
    const unique = `${name}-${randomBytes(3).toString('hex')}`;
    await this.admin.create('/api/v1/namespaces', { metadata: { name: unique } });
    await this.until(`the service account of ${unique}`, async () => {
      return (await this.admin.get(`/api/v1/namespaces/${unique}/serviceaccounts/default`)) !== null;
    });
    return unique;
  }

  /** Deletes a namespace with all that is in it, and waits until it is gone. */
  async deleteNamespace(name: string): Promise<void> {
    const where = `/api/v1/namespaces/${name}`;
    await this.admin.delete(where);
    await this.until(`the end of namespace ${name}`, async () => (await this.admin.get(where)) === null);
  }

  /** Gives a user the rights of a Role in a namespace; `rules` as in the Role's manifest. */
  async grant(user: UserName, namespace: string, rules: readonly unknown[]): Promise<void> {
    const rbac = 'rbac.authorization.k8s.io';
    const base = `/apis/${rbac}/v1/namespaces/${namespace}`;
    const type = { apiVersion: `${rbac}/v1` };
    const metadata = { name: `granted-${user}` };
    await this.admin.apply(`${base}/roles/${metadata.name}`, { ...type, kind: 'Role', metadata, rules });
    await this.admin.apply(`${base}/rolebindings/${metadata.name}`, {
      ...type,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'User', apiGroup: rbac, name: user }],
    });
  }

  /** Gives a user rights in all namespaces, which last longer than any of them. */
  async grantEverywhere(user: UserName, rules: readonly unknown[]): Promise<void> {
    const rbac = 'rbac.authorization.k8s.io';
    const base = `/apis/${rbac}/v1`;
    const type = { apiVersion: `${rbac}/v1` };
    const metadata = { name: `granted-${user}` };
    await this.admin.apply(`${base}/clusterroles/${metadata.name}`, {
      ...type,
      kind: 'ClusterRole',
      metadata,
      rules,
    });
    await this.admin.apply(`${base}/clusterrolebindings/${metadata.name}`, {
      ...type,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'User', apiGroup: rbac, name: user }],
    });
  }

  /** Runs kubectl as the admin and gives what it prints. Throws with its words when it fails. */
  async kubectl(...args: readonly string[]): Promise<string> {
    const file = this.kubeconfigFile('admin');
    const options = { maxBuffer: 2 ** 26, timeout: 60_000 };
    const line = [`--kubeconfig=${file}`, `--cache-dir=${this.#folder}/kubectl`, ...args];
    const { stdout } = await promisify(execFile)(this.#tools.kubectl, line, options);
    return stdout;
  }

  /** Ends the API server; etcd keeps what there is. */
  stopApiServer(): Promise<void> {
    return this.#apiServer.stop(stopGraceMs);
  }

  async startApiServer(): Promise<void> {
    this.#apiServer.start();
    await this.#untilReady();
  }

  /** Lets connections stand open while nothing answers, until `resumeApiServer`. */
  pauseApiServer(): Promise<void> {
    return this.#apiServer.pause();
  }

  resumeApiServer(): void {
    this.#apiServer.resume();
  }

  /** Ends all, and leaves nothing; harmless when called again. */
  async stop(): Promise<void> {
    await this.#admin?.close();
    this.#admin = null;
    const programs = [this.#controllerManager, this.#apiServer, this.#etcd];
    await Promise.all(programs.map((program) => program.stop(noGraceMs)));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#onSignal);
    process.off('exit', this.#removeOnExit);
    this.#removeOnExit();
  }

  #kill(): void {
    for (const program of [this.#controllerManager, this.#apiServer, this.#etcd]) program.kill();
  }

  async #untilReady(): Promise<void> {
    await this.until('the API server to be ready', async () => {
      // Its certificate is there a moment after the start.
      if (!fs.existsSync(path.join(this.#folder, 'certs', 'apiserver.crt'))) return false;
      return (await this.admin.ask('GET', '/readyz')).status === 200;
    });
  }

  /** Waits until `check` holds; one that throws does not hold yet. Throws after a minute, or when a part ends. */
  async until(what: string, check: () => Promise<boolean>, limitMs = startLimitMs): Promise<void> {
    const end = performance.now() + limitMs;
    let last: unknown = 'it does not hold';
    while (performance.now() < end) {
      try {
        if (await check()) return;
      } catch (error) {
        last = error;
      }
      for (const program of [this.#etcd, this.#apiServer]) {
        if (!program.running)
          throw new Error(`waiting for ${what}: ${program.name} ended:\n${program.lastWords}`);
      }
      await sleep(lookEveryMs);
    }
    throw new Error(`waited ${limitMs / 1000} s for ${what}`, { cause: last });
  }
}

async function threeFreePorts(): Promise<readonly [number, number, number]> {
  // All three are open at once, so they differ.
  const servers = await Promise.all([0, 0, 0].map((port) => listenOn('127.0.0.1', port)));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(closeServer));
  return [ports[0] ?? 0, ports[1] ?? 0, ports[2] ?? 0];
}

/** Removes folders of tests that were killed; their programs died with them. */
function removeLeftovers(): void {
  for (const name of fs.readdirSync(os.tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (!isAlive(pid)) fs.rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted means that it is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
