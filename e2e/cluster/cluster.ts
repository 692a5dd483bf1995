import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Rest } from '../api/rest.ts';
import { type Access, kubeconfig } from '../api/users.ts';
import { programSets } from '../tools/programs.ts';
import { alone } from '../tools/tool-cache.ts';
import { findTools, type Tools } from '../tools/tools.ts';
import { cleanUp, clusterFolder, findTraces } from './clean-up.ts';
import { ControlMachine } from './control-machine.ts';
import { diagnosis } from './diagnosis.ts';
import { publishDns } from './dns.ts';
import { clusterLock, Guarding } from './guarding.ts';
import { controlPlaneName, machineName, type NodePlace, network, nodeNamed, nodes } from './layout.ts';
import { Machine } from './machine.ts';
import { createNetwork, plugIn, routeServices, unplug } from './network.ts';
import { NodeMachine } from './node-machine.ts';
import { pauseArchive } from './pause-image.ts';
import { Processes } from './processes.ts';
import { whyNoCluster } from './requirements.ts';
import { untilHolds } from './until-holds.ts';

type ClusterTools = Tools<(typeof programSets.cluster)[number]>;

const startLimitMs = 120_000;
/** An API server with open watches does not end by itself. */
const stopGraceMs = 2000;
/** Programs that elect one of theirs, and end when they cannot. */
const leaders = ['kube-controller-manager', 'kube-scheduler'] as const;

const kubeconfigFile = path.join(clusterFolder, 'kubeconfig');
/** There while the cluster stays without a program that owns it. */
const keptFile = path.join(clusterFolder, 'kept');

/** Three nodes in three zones on one machine, with all that Kubernetes is. There is one at most. */
export class Cluster {
  /** Where pods reach servers of this very machine. */
  readonly hostAddress: string = network.host;
  readonly kubeconfigFile: string = kubeconfigFile;
  readonly nodes: readonly NodePlace[] = nodes;
  readonly tools: ClusterTools;
  readonly #control: ControlMachine;
  readonly #nodes: ReadonlyMap<string, NodeMachine>;
  #guarding: Guarding | null;
  #admin: Rest | null = null;

  private constructor(tools: ClusterTools, guarding: Guarding | null) {
    this.tools = tools;
    this.#guarding = guarding;
    const processes = new Processes(path.join(clusterFolder, 'processes.json'));
    const machine = (name: string): readonly [Machine, string] => {
      const folder = path.join(clusterFolder, name);
      fs.mkdirSync(folder, { recursive: true });
      return [new Machine(name, folder, processes), folder];
    };
    this.#control = new ControlMachine(...machine(controlPlaneName), tools);
    this.#nodes = new Map(
      nodes.map((place) => [place.name, new NodeMachine(place, ...machine(machineName(place)), tools)]),
    );
  }

  /**
   * Brings it up, with these image archives on every node; ten seconds once everything is built. It ends with
   * this program, however that ends, unless it is kept.
   */
  static async up(images: readonly string[] = []): Promise<Cluster> {
    const reason = whyNoCluster();
    if (reason !== null) throw new Error(`no cluster: ${reason}`);
    const found = await findTools(programSets.cluster);
    if (found.missing !== null) throw new Error(found.missing);
    const pause = await pauseArchive();
    const guarding = await Guarding.begin();
    if (fs.existsSync(keptFile)) {
      await guarding.keep();
      throw new Error('a cluster is up already: npm run cluster:down ends it');
    }
    try {
      // Of one whose guard was killed, too.
      await cleanUp();
      fs.mkdirSync(clusterFolder, { recursive: true, mode: 0o755 });
      const cluster = new Cluster(found.tools, guarding);
      await cluster.#start([pause, ...images]);
      return cluster;
    } catch (error) {
      await guarding.cleanUp();
      throw error;
    }
  }

  /** The one that `npm run cluster:up` has left running, with these images too; else one of this program's own. */
  static async open(images: readonly string[] = []): Promise<Cluster> {
    if (!fs.existsSync(keptFile)) return Cluster.up(images);
    const found = await findTools(programSets.cluster);
    if (found.missing !== null) throw new Error(found.missing);
    const cluster = new Cluster(found.tools, null);
    for (const image of images) await cluster.importImage(image);
    return cluster;
  }

  async #start(images: readonly string[]): Promise<void> {
    await createNetwork();
    await this.#control.prepare();
    await this.#control.machine.boot();
    this.#control.start('etcd');
    this.#control.start('kube-apiserver');
    await this.#untilApiServer();
    fs.writeFileSync(kubeconfigFile, kubeconfig(this.access, 'default'), { mode: 0o600 });
    for (const program of [...leaders, 'coredns'] as const) this.#control.start(program);
    await publishDns(this.admin);
    await Promise.all(
      [...this.#nodes.values()].map((node) => node.start(this.#control.nodeCredentials(node.place), images)),
    );
    await this.until('all nodes to be ready', async () => (await this.readyNodes()).length === nodes.length);
  }

  /** Address, certificates and token of the admin. */
  get access(): Access {
    return this.#control.access('admin');
  }

  /** All rights, by path. */
  get admin(): Rest {
    this.#admin ??= new Rest(this.access);
    return this.#admin;
  }

  /** Names of the nodes that the API server holds for ready, and pods may go to. */
  async readyNodes(): Promise<readonly string[]> {
    interface Status {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    }
    interface Spec {
      readonly taints?: readonly { readonly effect: string }[];
    }
    const all = await this.admin.list('/api/v1/nodes');
    return all
      .filter(({ spec, status }) => {
        const { conditions = [] } = (status ?? {}) as Status;
        // The taint of a node that was not ready goes a moment after the condition.
        const { taints = [] } = (spec ?? {}) as Spec;
        return taints.length === 0 && conditions.some((one) => one.type === 'Ready' && one.status === 'True');
      })
      .map(({ metadata }) => metadata.name);
  }

  /** Runs kubectl as the admin and gives what it prints. Throws with its words when it fails. */
  kubectl(...args: readonly string[]): Promise<string> {
    return this.#client('kubectl', args);
  }

  helm(...args: readonly string[]): Promise<string> {
    return this.#client('helm', args);
  }

  async #client(name: 'kubectl' | 'helm', args: readonly string[]): Promise<string> {
    // What they would keep in a home folder goes with the cluster.
    const home = path.join(clusterFolder, 'home');
    const env = { ...process.env, HOME: home, KUBECONFIG: kubeconfigFile };
    const options = { env, maxBuffer: 2 ** 26, timeout: startLimitMs };
    return (await promisify(execFile)(this.tools[name], args, options)).stdout;
  }

  /** Makes the images of an archive ones that pods on every node can name. */
  async importImage(archive: string): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.importImage(archive)));
  }

  /** Gives an image another name on every node, as a new build of it would have. */
  async tagImage(name: string, alias: string): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.tagImage(name, alias)));
  }

  /** From outside, Services are reached through this node's kube-proxy from now on; the first one's at the start. */
  reachServicesThrough(node: string): Promise<void> {
    return routeServices(nodeNamed(node));
  }

  /** Unplugs a node: it and its pods live on, and nobody hears of them. */
  cutOff(node: string): Promise<void> {
    return unplug(nodeNamed(node));
  }

  join(node: string): Promise<void> {
    return plugIn(nodeNamed(node));
  }

  async restartKubelet(node: string): Promise<void> {
    const machine = this.#nodes.get(nodeNamed(node).name);
    await machine?.stopKubelet();
    machine?.startKubelet();
  }

  /**
   * And those that lead by a Lease: anywhere else they end when they cannot renew it. Going on with what they last saw,
   * the controller manager would hold all nodes for dead once the API server is back.
   */
  async stopApiServer(): Promise<void> {
    await this.#control.machine.stop('kube-apiserver', stopGraceMs);
    for (const program of leaders) await this.#control.machine.stop(program, stopGraceMs);
  }

  async startApiServer(): Promise<void> {
    this.#control.start('kube-apiserver');
    await this.#untilApiServer();
    for (const program of leaders) this.#control.start(program);
  }

  async restartEtcd(): Promise<void> {
    await this.#control.machine.stop('etcd', stopGraceMs);
    this.#control.start('etcd');
    await this.#untilApiServer();
  }

  stopDns(): Promise<void> {
    return this.#control.machine.stop('coredns', stopGraceMs);
  }

  startDns(): void {
    this.#control.start('coredns');
  }

  async #untilApiServer(): Promise<void> {
    await this.until('the API server to be ready', async () => {
      if (!this.#control.machine.runs('kube-apiserver')) throw new Error('it ended');
      if (!this.#control.hasCertificate) return false;
      return (await this.admin.ask('GET', '/readyz')).status === 200;
    });
  }

  /** Waits until `check` holds; one that throws does not hold yet. When it has not in time, tells what is there and throws. */
  until(what: string, check: () => Promise<boolean>, limitMs = startLimitMs): Promise<void> {
    return untilHolds(what, check, limitMs, async () => {
      console.log(await diagnosis((...args) => this.kubectl(...args), clusterFolder));
      return 'see above what there was';
    });
  }

  /** Lets it stay when this program ends. */
  async keep(): Promise<void> {
    fs.writeFileSync(keptFile, '');
    await this.#admin?.close();
    await this.#guarding?.keep();
    this.#guarding = null;
  }

  /** Ends it and leaves nothing; one that was running already stays. */
  async down(): Promise<void> {
    await this.#admin?.close();
    this.#admin = null;
    await this.#guarding?.cleanUp();
    this.#guarding = null;
  }

  /** Ends what `npm run cluster:up` or a killed guard has left; says whether there was anything. */
  static async endKept(): Promise<boolean> {
    const waiting = (): void => console.log('waiting for the program that has the cluster');
    return alone(clusterLock, waiting, async () => {
      const any = (await findTraces()).length > 0;
      await cleanUp();
      return any;
    });
  }
}
