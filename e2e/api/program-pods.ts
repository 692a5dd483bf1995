import fs from 'node:fs';
import path from 'node:path';
import { MonitorProcess } from '../../sim/monitor-process.ts';
import type { ControlPlane } from './control-plane.ts';
import type { KubeObject } from './rest.ts';

const MAIN = path.join(import.meta.dirname, '../../monitor/main.ts');
const PORT = 8080;

/** A monitor's pod whose program runs on this machine, at an address of its own. */
export interface ProgramPod {
  readonly name: string;
  readonly group: string;
  readonly address: string;
}

interface Running extends ProgramPod {
  readonly folder: string;
  process: MonitorProcess | null;
}

/** Where the pods are. */
export interface PodPlace {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly trafficOps: { readonly username: string; readonly password: string };
}

/**
 * Runs the monitors of a namespace where no nodes are: for each pod that the StatefulSets have made, the program with
 * the files of the group's ConfigMap. Every pod gets an address in 127.0.0.0/8, so that all can listen on one port.
 */
export class ProgramPods {
  readonly #place: PodPlace;
  readonly #folder: string;
  readonly #pods = new Map<string, Running>();

  constructor(place: PodPlace, folder: string) {
    this.#place = place;
    this.#folder = folder;
  }

  get all(): readonly ProgramPod[] {
    return [...this.#pods.values()];
  }

  /** host:port of the monitor of a pod. */
  static addressOf({ address }: ProgramPod): string {
    return `${address}:${PORT}`;
  }

  /** Waits for so many pods, and starts the monitor of each. */
  async startAll(count: number): Promise<void> {
    const { plane, namespace } = this.#place;
    await plane.grant('monitor', namespace, [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'patch'] },
    ]);
    const found = async () =>
      plane.admin.list(`${this.#pathOf('pods')}?labelSelector=app.kubernetes.io%2Fcomponent%3Dmonitor`);
    await plane.until(`${count} pods`, async () => (await found()).length === count);
    for (const [index, { metadata }] of (await found()).entries()) {
      const { name, labels = {} } = metadata;
      const pod: Running = {
        name,
        group: labels['trafficcontrol.cdn/group'] ?? '',
        address: `127.77.0.${index + 1}`,
        folder: path.join(this.#folder, name),
        process: null,
      };
      this.#pods.set(name, pod);
      await showRunning(plane, namespace, pod);
      await this.start(name);
    }
  }

  async start(name: string): Promise<void> {
    const pod = this.#pod(name);
    const map = await this.#place.plane.admin.get(`${this.#pathOf('configmaps')}/tm-${pod.group}`);
    const files = map?.['data'] as Readonly<Record<string, string>>;
    const { username, password } = this.#place.trafficOps;
    const written = {
      opsCfg: this.#write(pod, 'traffic_ops.cfg', {
        ...JSON.parse(files['traffic_ops.cfg'] ?? '{}'),
        httpListener: ProgramPods.addressOf(pod),
        username,
        password,
      }),
      config: this.#write(pod, 'traffic_monitor.cfg', {
        ...JSON.parse(files['traffic_monitor.cfg'] ?? '{}'),
        ...this.#placeOf(pod),
      }),
    };
    pod.process = new MonitorProcess(MAIN, written);
  }

  /** What is otherwise than in a container: the name, and where files are. */
  #placeOf({ name, folder }: Running): Readonly<Record<string, unknown>> {
    return {
      short_hostname_override: name,
      cache_polling_protocol: 'ipv4only',
      monitor_config_polling_interval_ms: 2000,
      assignment_file: '',
      snapshot_seed_dir: '',
      service_account_dir: this.#accountDirectory(),
      crconfig_backup_file: path.join(folder, 'crconfig.backup'),
      tmconfig_backup_file: path.join(folder, 'tmconfig.backup'),
      drain_ms: 0,
      log_location_event: 'null',
      log_location_info: 'null',
    };
  }

  #accountDirectory(): string {
    const { plane, namespace } = this.#place;
    const { server, authority, token } = plane.access('monitor');
    const { hostname, port } = new URL(server);
    // Read by the monitors that are started from here.
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port });
    const directory = path.join(this.#folder, 'service-account');
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(path.join(directory, 'token'), token);
    fs.writeFileSync(path.join(directory, 'ca.crt'), authority);
    fs.writeFileSync(path.join(directory, 'namespace'), namespace);
    return directory;
  }

  #write({ folder }: Running, name: string, content: unknown): string {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(content));
    return file;
  }

  /** As if its node had lost power. */
  kill(name: string): void {
    this.#pod(name).process?.kill();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pods.values()].map(({ process }) => process?.stop()));
  }

  /** What the monitors printed last, for when something goes wrong. */
  get lastOutput(): string {
    return [...this.#pods.values()].map(({ name, process }) => `${name}: ${process?.lastOutput}`).join('\n');
  }

  #pathOf(plural: string): string {
    return `/api/v1/namespaces/${this.#place.namespace}/${plural}`;
  }

  #pod(name: string): Running {
    const pod = this.#pods.get(name);
    if (pod === undefined) throw new Error(`there is no pod ${name}`);
    return pod;
  }
}

/** Says of a pod what a kubelet says of one that is well. */
export async function showRunning(
  plane: ControlPlane,
  namespace: string,
  { name, address }: Pick<ProgramPod, 'name' | 'address'>,
): Promise<KubeObject> {
  return plane.admin.mergePatch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }],
    },
  });
}
