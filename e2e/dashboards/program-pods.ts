import fs from 'node:fs';
import path, { dirname } from 'node:path';
import { MonitorProcess } from '../../sim/monitor-process.ts';
import type { OperatorGround } from '../api/operator-ground.ts';

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

/**
 * Runs the monitors of a namespace where no nodes are: for each pod that the StatefulSets have made, the program with
 * the files of the group's ConfigMap. Every pod gets an address in 127.0.0.0/8, so that all can listen on one port.
 */
export class ProgramPods {
  readonly #ground: OperatorGround;
  readonly #folder: string;
  readonly #pods = new Map<string, Running>();

  constructor(ground: OperatorGround, folder: string) {
    this.#ground = ground;
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
    const { plane, namespace } = this.#ground;
    await plane.grant('monitor', namespace, [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'patch'] },
    ]);
    const found = async () =>
      (await this.#ground.list('v1', 'pods')).filter(
        ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'monitor',
      );
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
      await this.#showRunning(pod);
      await this.start(name);
    }
  }

  /** What a kubelet says of a pod that is well. */
  async #showRunning({ name, address }: ProgramPod): Promise<void> {
    await this.#ground.admin.mergePatch(`${this.#ground.path('v1', 'pods')}/${name}/status`, {
      status: {
        phase: 'Running',
        podIP: address,
        podIPs: [{ ip: address }],
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }],
      },
    });
  }

  async start(name: string): Promise<void> {
    const pod = this.#pod(name);
    const map = await this.#ground.object('v1', 'configmaps', `tm-${pod.group}`);
    const files = map?.['data'] as Readonly<Record<string, string>>;
    const { username, password } = this.#ground.trafficOps;
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
    const { plane, namespace } = this.#ground;
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
    fs.mkdirSync(dirname(file), { recursive: true });
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

  #pod(name: string): Running {
    const pod = this.#pods.get(name);
    if (pod === undefined) throw new Error(`there is no pod ${name}`);
    return pod;
  }
}
