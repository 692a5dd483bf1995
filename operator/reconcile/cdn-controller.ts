import { isDeepStrictEqual } from 'node:util';
import { decodeAssignment } from '../../common/assignment/decode-document.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import { type CdnName, cdnName, type GroupName } from '../../common/ids.ts';
import type { ConfigMap, KubeObject } from '../../common/kube/objects.ts';
import { CONFIG_MAPS } from '../../common/kube/resource.ts';
import { messageOf } from '../../common/message-of.ts';
import { cachegroupPlaces } from '../../common/traffic-ops/cachegroup-places.ts';
import type { Snapshot } from '../../common/traffic-ops/monitoring.ts';
import { type CdnPlan, planCdn } from '../planning/cdn-plan.ts';
import type { GroupFacts } from '../planning/group-facts.ts';
import type { TrafficOpsAccess } from '../resources/group-plan.ts';
import { ASSIGNMENT_FILE } from '../resources/monitor-files.ts';
import { groupObjectName, snapshotConfigMapName } from '../resources/names.ts';
import { sharedOwnerReference } from '../resources/owner.ts';
import { routerService } from '../resources/services.ts';
import { SNAPSHOT_PIECES, snapshotConfigMaps } from '../resources/snapshot-config-maps.ts';
import type { Outcome } from './controller.ts';
import { groupLife } from './group-life.ts';
import { membersOf } from './members.ts';
import { cdnKey, type OperatorContext, reportsOf } from './operator-context.ts';
import { type ResolvedGroup, resolveGroup, trafficOpsOf } from './resolve-group.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import { trafficOpsConnection } from './traffic-ops-connection.ts';

/** What is known of one CDN while this process leads. */
export interface CdnView {
  readonly access: TrafficOpsAccess;
  readonly keeper: SnapshotKeeper;
  /** null: nothing could be planned yet. */
  plan: CdnPlan | null;
  /** What of the CDN's own objects could not be made; null: all are there. */
  problem: string | null;
}

/** A burst of changes makes one plan: ms. */
const GATHER_MS = 100;

/**
 * Decides who polls what in each CDN. Watches groups, their Leases and pods, and Traffic Ops; keeps the routers'
 * Service and the copy of the snapshot; the documents it plans are written by the group controller.
 */
export class CdnController {
  readonly #context: OperatorContext;
  readonly #views = new Map<CdnName, CdnView>();

  constructor(context: OperatorContext) {
    this.#context = context;
  }

  /** What is known of a CDN; null: it is not looked after yet. */
  viewOf(cdn: CdnName): CdnView | null {
    return this.#views.get(cdn) ?? null;
  }

  get cdns(): IterableIterator<CdnName> {
    return this.#views.keys();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#views.values()].map(({ keeper }) => keeper.stop()));
    this.#views.clear();
  }

  /** Looks at a CDN again soon. */
  touch(cdn: CdnName): void {
    this.#context.cdnQueue.addAfter(cdn, GATHER_MS);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const cdn = cdnName(key);
    const [first, ...others] = this.#groupsOf(cdn);
    if (first === undefined) {
      await this.#forget(cdn);
      return {};
    }
    const groups = [first, ...others] as const;
    const view = this.#viewFor(cdn, groups);
    const status = view.keeper.status;
    if (status !== null) this.#context.metrics.trafficOps(cdn, status);
    view.problem = await this.#keepObjects(cdn, view, groups, signal);
    const { snapshot } = view.keeper;
    if (snapshot === null) {
      this.#touchGroups(groups);
      return {};
    }
    const nowMs = this.#context.nowMs();
    const before = view.plan;
    view.plan = planCdn(this.#factsOf(cdn, groups, snapshot, nowMs), before?.memory ?? null);
    this.#context.metrics.planned(cdn, view.plan);
    this.#tell(cdn, before, view.plan);
    this.#touchGroups(groups);
    const { wakeAtMs } = view.plan;
    return wakeAtMs === null ? {} : { lookAgainMs: Math.max(GATHER_MS, wakeAtMs - nowMs) };
  }

  #factsOf(cdn: CdnName, groups: readonly ResolvedGroup[], { monitoring }: Snapshot, nowMs: number) {
    const documents = new Map<GroupName, AssignmentDocument>();
    for (const { plan } of groups) {
      const document = this.documentInForce(plan.namespace, plan.name);
      if (document !== null) documents.set(plan.name, document);
    }
    const { liveness } = this.#context;
    const facts = groups.map((group): GroupFacts => {
      const members = membersOf(group.plan, this.#context.world.pods, documents.get(group.plan.name) ?? null);
      const life = groupLife(members, liveness, this.#context.firstSeen.of(group.plan.uid, nowMs), nowMs);
      const coordinates =
        group.location === null ? null : (monitoring.cachegroups.get(group.location) ?? null);
      return {
        ...group.assignment,
        name: group.plan.name,
        state: group.state,
        coordinates,
        members,
        ...life,
      };
    });
    const reports = groups.flatMap(({ plan }) => reportsOf(plan, liveness));
    return {
      cdn,
      groups: facts,
      cachegroups: cachegroupPlaces(monitoring),
      documents,
      reportedRevision: Math.max(0, ...reports.map(({ appliedRevision }) => appliedRevision)),
      nowMs,
    };
  }

  /** The document that a group's ConfigMap holds; null: none, or one that cannot be read. */
  documentInForce(namespace: string, group: GroupName): AssignmentDocument | null {
    const map = this.#context.world.storeOf(CONFIG_MAPS.kind).get(`${namespace}/${groupObjectName(group)}`);
    const text = (map as ConfigMap | undefined)?.data?.[ASSIGNMENT_FILE];
    if (text === undefined) return null;
    try {
      return decodeAssignment(text);
    } catch (error) {
      const log = this.#context.log.about('ConfigMap', `${namespace}/${groupObjectName(group)}`);
      log.warning(`its ${ASSIGNMENT_FILE} cannot be read and is written anew: ${messageOf(error)}`);
      return null;
    }
  }

  #groupsOf(cdn: CdnName): ResolvedGroup[] {
    const { world, settings } = this.#context;
    return [...world.groups.values()]
      .filter((group) => group.spec.cdn === cdn)
      .map((group) => resolveGroup(group, settings));
  }

  /** Begins anew where Traffic Ops is to be reached otherwise. */
  #viewFor(cdn: CdnName, groups: readonly [ResolvedGroup, ...ResolvedGroup[]]): CdnView {
    const access = trafficOpsOf(groups);
    const known = this.#views.get(cdn);
    if (known !== undefined && isDeepStrictEqual(known.access, access)) return known;
    void known?.keeper.stop();
    const { world, settings, userAgent } = this.#context;
    const kept = Array.from({ length: SNAPSHOT_PIECES }, (_, piece) =>
      world.storeOf(CONFIG_MAPS.kind).get(`${settings.namespace}/${snapshotConfigMapName(cdn, piece)}`),
    ).filter((map) => map !== undefined);
    const keeper = new SnapshotKeeper({
      cdn,
      url: access.url,
      connect: (signal) => trafficOpsConnection(this.#context, access, signal),
      userAgent,
      kept,
      log: this.#context.log.about('CDN', cdnKey(settings.namespace, cdn)),
      onChange: () => this.touch(cdn),
    });
    const view: CdnView = { access, keeper, plan: known?.plan ?? null, problem: null };
    this.#views.set(cdn, view);
    keeper.start();
    return view;
  }

  async #forget(cdn: CdnName): Promise<void> {
    const view = this.#views.get(cdn);
    this.#views.delete(cdn);
    this.#context.metrics.cdnGone(cdn);
    await view?.keeper.stop();
  }

  /** Returns what could not be made, for people. */
  async #keepObjects(
    cdn: CdnName,
    { keeper }: CdnView,
    groups: readonly ResolvedGroup[],
    signal: AbortSignal,
  ): Promise<string | null> {
    const { applier, settings } = this.#context;
    const owners = groups
      .map(({ plan }) => sharedOwnerReference(plan))
      .sort((a, b) => (a.uid < b.uid ? -1 : 1));
    const common = { cdn, namespace: settings.namespace, owners };
    const manifests: KubeObject[] = [routerService({ ...common, parameters: settings.routerService })];
    let problem: string | null = null;
    if (keeper.packed !== null) {
      const pieces = snapshotConfigMaps({ ...common, ...keeper.packed });
      if (pieces === null) {
        problem = `the compressed snapshot of CDN ${cdn} does not fit into ${SNAPSHOT_PIECES} ConfigMaps: monitors cannot start while Traffic Ops is away`;
      } else manifests.push(...pieces);
    }
    for (const manifest of manifests) await applier.apply(manifest, signal);
    return problem;
  }

  #touchGroups(groups: readonly ResolvedGroup[]): void {
    for (const { plan } of groups) this.#context.groupQueue.add(`${plan.namespace}/${plan.name}`);
  }

  #tell(cdn: CdnName, before: CdnPlan | null, plan: CdnPlan): void {
    const log = this.#context.log.about('CDN', cdnKey(this.#context.settings.namespace, cdn));
    for (const group of plan.offDuty) {
      if (before?.offDuty.has(group) !== true) {
        log.warning(`group ${group} has no live monitor: other groups poll its cachegroups until it is back`);
      }
    }
    for (const group of before?.offDuty ?? []) {
      if (!plan.offDuty.has(group)) log.info(`group ${group} is back: it gets its cachegroups again`);
    }
    if (before?.revision === plan.revision) return;
    const { owners } = plan.plan;
    const pending = plan.memory.ownership.pending.length;
    log.info(
      `assignment revision ${plan.revision}: ${owners.size} cachegroups, ${plan.documents.size} groups, ${pending} hand-overs under way, ${plan.plan.failovers.length} failed over`,
    );
  }
}

/** Whether two documents are the same to the byte. */
export function isSameDocument(a: AssignmentDocument | null, b: AssignmentDocument | null): boolean {
  if (a === null || b === null) return a === b;
  return encodeAssignment(a) === encodeAssignment(b);
}
