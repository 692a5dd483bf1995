import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { load } from 'js-yaml';
import { decodeAssignment } from '../../common/assignment/decode-document.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { operatorRules } from '../../operator/resources/operator-rules.ts';
import { SimulatedTrafficOps } from '../../sim/traffic-ops.ts';
import { buildWorld, type World, type WorldOptions } from '../../sim/world.ts';
import type { ControlPlane } from './control-plane.ts';
import { OperatorProcess } from './operator-process.ts';
import type { KubeObject, Rest } from './rest.ts';
import { SimulatedMembers, type SimulatedMembersOptions } from './simulated-members.ts';

const crds = path.join(import.meta.dirname, '../../crds/trafficmonitorgroups.yaml');

/** What a group's resource looks like where nothing else is said. */
export type GroupSpec = Readonly<Record<string, unknown>>;

/** A namespace on a real API server with a simulated Traffic Ops, in which operators run as programs. */
export class OperatorGround {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly trafficOps: SimulatedTrafficOps;
  readonly members: SimulatedMembers;
  readonly logFolder: string;
  readonly #operators: OperatorProcess[] = [];
  #world: World;

  private constructor(
    plane: ControlPlane,
    namespace: string,
    trafficOps: SimulatedTrafficOps,
    world: World,
    members: Partial<SimulatedMembersOptions>,
  ) {
    this.plane = plane;
    this.namespace = namespace;
    this.trafficOps = trafficOps;
    this.#world = world;
    this.members = new SimulatedMembers(plane.admin, namespace, members);
    this.logFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'operator-ground-'));
  }

  /** With the rights that the chart gives an operator, and no more, and with Pod Security "restricted". */
  static async open(
    plane: ControlPlane,
    options: Partial<WorldOptions> = {},
    members: Partial<SimulatedMembersOptions> = {},
  ): Promise<OperatorGround> {
    const world = worldOf(options);
    const trafficOps = await SimulatedTrafficOps.start(world);
    const ground = await OperatorGround.openFor(plane, { trafficOps, world }, members);
    ground.members.start();
    return ground;
  }

  /** The same for a CDN that is simulated already, and without anybody who stands in for monitors. */
  static async openFor(
    plane: ControlPlane,
    { trafficOps, world }: { readonly trafficOps: SimulatedTrafficOps; readonly world: World },
    members: Partial<SimulatedMembersOptions> = {},
  ): Promise<OperatorGround> {
    await installDefinition(plane);
    const namespace = await plane.createNamespace('operator');
    await plane.admin.mergePatch(`/api/v1/namespaces/${namespace}`, {
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    await plane.grant('operator', namespace, operatorRules);
    const ground = new OperatorGround(plane, namespace, trafficOps, world, members);
    await ground.createSecret();
    return ground;
  }

  async close(): Promise<void> {
    await Promise.all(this.#operators.map((operator) => operator.stop()));
    await this.members.stop();
    await this.trafficOps.close();
    fs.rmSync(this.logFolder, { recursive: true, force: true });
  }

  /** The credentials of Traffic Ops. */
  async createSecret(): Promise<void> {
    await this.admin.create(this.path('v1', 'secrets'), {
      metadata: { name: 'traffic-ops' },
      stringData: { username: this.trafficOps.username, password: this.trafficOps.password },
    });
  }

  get operators(): readonly OperatorProcess[] {
    return this.#operators;
  }

  get admin(): Rest {
    return this.plane.admin;
  }

  get world(): World {
    return this.#world;
  }

  /** Traffic Ops serves another CDN from now on. */
  relay(options: Partial<WorldOptions>): void {
    this.#world = worldOf(options);
    this.trafficOps.replace(this.#world);
  }

  /** @param server of a proxy in front of the API server */
  async startOperator(identity = 'operator-0', server?: string): Promise<OperatorProcess> {
    const operator = await OperatorProcess.start({
      kubeconfig: this.plane.kubeconfigFile('operator', this.namespace, server),
      namespace: this.namespace,
      identity,
      trafficOpsUrl: this.trafficOps.url,
      logFolder: this.logFolder,
    });
    this.#operators.push(operator);
    return operator;
  }

  async applyGroup(name: string, spec: GroupSpec = {}): Promise<KubeObject> {
    return this.admin.apply(`${this.#groups}/${name}`, {
      apiVersion: 'trafficcontrol.cdn/v1alpha1',
      kind: 'TrafficMonitorGroup',
      metadata: { name },
      spec: { cdn: this.#world.cdn, location: this.#world.cachegroups[0]?.cachegroup, ...spec },
    });
  }

  /** A change to the spec of a group, as kubectl patch makes it. */
  patchGroup(name: string, spec: GroupSpec): Promise<KubeObject> {
    return this.admin.mergePatch(`${this.#groups}/${name}`, { spec });
  }

  deleteGroup(name: string): Promise<void> {
    return this.admin.delete(`${this.#groups}/${name}`);
  }

  group(name: string): Promise<KubeObject | null> {
    return this.admin.get(`${this.#groups}/${name}`);
  }

  /** Waits until a group does what it shall. */
  untilSettled(...names: readonly string[]): Promise<void> {
    return this.plane.until(`${names.join(', ')} to be settled`, async () => {
      for (const name of names) {
        const group = await this.group(name);
        const { observedGeneration } = (group?.['status'] ?? {}) as { observedGeneration?: number };
        const available = await this.condition(name, 'Available');
        const progressing = await this.condition(name, 'Progressing');
        const isSettled =
          observedGeneration === group?.metadata['generation'] &&
          available?.status === 'True' &&
          progressing?.reason === 'Settled';
        if (!isSettled) return false;
      }
      return true;
    });
  }

  /** Waits until a condition of a group has this reason, and gives what it says. */
  async untilReason(name: string, type: string, reason: string, limitMs?: number): Promise<string> {
    let message = '';
    await this.plane.until(
      `${type} of ${name} to be ${reason}`,
      async () => {
        const condition = await this.condition(name, type);
        message = condition?.message ?? '';
        return condition?.reason === reason;
      },
      limitMs,
    );
    return message;
  }

  /** Waits until a condition of a group is as it should be or not. */
  async untilStatus(name: string, type: string, status: string): Promise<void> {
    await this.plane.until(`${type} of ${name} to be ${status}`, async () => {
      return (await this.condition(name, type))?.status === status;
    });
  }

  /** What one condition of a group says; null: it does not. */
  async condition(
    name: string,
    type: string,
  ): Promise<{ status: string; reason: string; message: string } | null> {
    const status = (await this.group(name))?.['status'] as
      | { conditions?: { type: string; status: string; reason: string; message: string }[] }
      | undefined;
    return status?.conditions?.find((condition) => condition.type === type) ?? null;
  }

  /** The assignment document of a group; null: none yet. */
  async assignment(name: string): Promise<AssignmentDocument | null> {
    const map = await this.object('v1', 'configmaps', `tm-${name}`);
    const text = (map?.['data'] as Readonly<Record<string, string>> | undefined)?.['assignment.json'];
    return text === undefined ? null : decodeAssignment(text);
  }

  /** Who polls each cachegroup by the document of this group: one group, or two. */
  async owners(ofDocument: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const document = await this.assignment(ofDocument);
    const owners = new Map<string, string[]>();
    for (const { name, cachegroups } of document?.groups ?? []) {
      for (const cachegroup of cachegroups) owners.set(cachegroup, [...(owners.get(cachegroup) ?? []), name]);
    }
    return owners;
  }

  object(apiVersion: string, plural: string, name: string): Promise<KubeObject | null> {
    return this.admin.get(`${this.path(apiVersion, plural)}/${name}`);
  }

  list(apiVersion: string, plural: string): Promise<readonly KubeObject[]> {
    return this.admin.list(this.path(apiVersion, plural));
  }

  path(apiVersion: string, plural: string): string {
    const root = apiVersion.includes('/') ? 'apis' : 'api';
    return `/${root}/${apiVersion}/namespaces/${this.namespace}/${plural}`;
  }

  get #groups(): string {
    return this.path('trafficcontrol.cdn/v1alpha1', 'trafficmonitorgroups');
  }
}

const worldOf = (options: Partial<WorldOptions>): World =>
  buildWorld({ cachePort: 1, cachegroups: 12, edges: 24, intervals: { trafficOps: 500 }, ...options });

async function installDefinition(plane: ControlPlane): Promise<void> {
  const definition = load(fs.readFileSync(crds, 'utf8')) as { metadata: { name: string } };
  const where = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
  await plane.admin.apply(where, definition);
  await plane.until('the definition to be established', async () => {
    const status = (await plane.admin.get(where))?.['status'] as
      | { conditions?: { type: string; status: string }[] }
      | undefined;
    return (
      status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false
    );
  });
}
