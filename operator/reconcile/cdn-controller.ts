import { isDeepStrictEqual } from 'node:util';
import type { CachegroupPlace } from '../../common/assignment/closest.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { type CdnName, cdnName, type GroupName } from '../../common/ids.ts';
import { CONFIG_MAPS } from '../../common/kube/resource.ts';
import { cachegroupPlaces } from '../../common/traffic-ops/cachegroup-places.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { type CdnPlan, planCdn, problemsOf } from '../planning/cdn-plan.ts';
import type { GroupFacts, PlanFacts } from '../planning/group-facts.ts';
import type { TrafficOpsAccess } from '../resources/group-plan.ts';
import { groupObjectName, snapshotConfigMapName } from '../resources/names.ts';
import { SNAPSHOT_PIECES } from '../resources/snapshot-config-maps.ts';
import { keepCdnObjects, type ObjectTrouble } from './cdn-objects.ts';
import type { Outcome } from './controller.ts';
import { DocumentsInForce } from './documents-in-force.ts';
import { groupLife, type Watching } from './group-life.ts';
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
  /** How long that took: ms. */
  planMs: number;
  /** What of the CDN's own objects could not be made; null: all are there. */
  trouble: ObjectTrouble | null;
  /** Group → what it was last told to look at, so that nobody is woken for nothing. */
  readonly told: Map<GroupName, string>;
}

/** A burst of changes makes one plan: ms. With many groups planning takes longer; it shall not take all the time. */
const GATHER_MS = 100;
const REST_TIMES = 4;

/** When it is tried again to make objects that could not be made: ms. */
const TROUBLE_MS = 10_000;

/**
 * Decides who polls what in each CDN. Watches groups, their Leases and pods, and Traffic Ops; keeps the routers'
 * Service and the copy of the snapshot; the documents it plans are written by the group controller.
 */
export class CdnController {
  readonly #context: OperatorContext;
  readonly #views = new Map<CdnName, CdnView>();
  /** The documents that groups have. */
  readonly documents: DocumentsInForce;
  readonly #places = new WeakMap<MonitoringConfig, CachegroupPlace[]>();

  constructor(context: OperatorContext) {
    this.#context = context;
    const { world, settings, log } = context;
    this.documents = new DocumentsInForce(world.storeOf(CONFIG_MAPS.kind), settings.namespace, log);
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
    const planMs = this.#views.get(cdn)?.planMs ?? 0;
    this.#context.cdnQueue.addAfter(cdn, Math.max(GATHER_MS, REST_TIMES * planMs));
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
    const { snapshot } = view.keeper;
    const nowMs = this.#context.nowMs();
    if (snapshot !== null) {
      const before = view.plan;
      view.plan = planCdn(this.#factsOf(cdn, groups, snapshot.monitoring, nowMs), before?.memory ?? null);
      view.planMs = this.#context.nowMs() - nowMs;
      this.#context.metrics.planned(cdn, view.plan);
      this.#tell(cdn, before, view.plan);
      this.#touchGroups(view, groups);
    }
    view.trouble = await keepCdnObjects(this.#context, cdn, view.keeper.packed, groups, signal);
    this.#touchGroups(view, groups);
    const wakeAtMs = view.plan?.wakeAtMs ?? null;
    const waits = [
      ...(wakeAtMs === null ? [] : [Math.max(GATHER_MS, wakeAtMs - nowMs)]),
      ...(view.trouble?.isPassing === true ? [TROUBLE_MS] : []),
    ];
    return waits.length === 0 ? {} : { lookAgainMs: Math.min(...waits) };
  }

  #factsOf(
    cdn: CdnName,
    groups: readonly ResolvedGroup[],
    monitoring: MonitoringConfig,
    nowMs: number,
  ): PlanFacts {
    const { liveness, world } = this.#context;
    const planned = this.#views.get(cdn)?.plan?.documents;
    const documents = new Map<GroupName, AssignmentDocument>();
    for (const { plan } of groups) {
      const document = this.documents.of(plan.name, planned?.get(plan.name));
      if (document !== null) documents.set(plan.name, document);
    }
    const facts = groups.map(({ plan, state, location, wasOnDuty, assignment }): GroupFacts => {
      const members = membersOf(plan, world.pods, documents.get(plan.name) ?? null);
      return {
        ...assignment,
        ...groupLife(members, liveness, this.#watching(plan, nowMs), nowMs),
        name: plan.name,
        state,
        wasOnDuty,
        coordinates: location === null ? null : (monitoring.cachegroups.get(location) ?? null),
        members,
      };
    });
    const reports = groups.flatMap(({ plan }) => reportsOf(plan, liveness));
    return {
      cdn,
      groups: facts,
      cachegroups: this.#placesOf(monitoring),
      documents,
      reportedRevision: Math.max(0, ...reports.map(({ appliedRevision }) => appliedRevision)),
      nowMs,
    };
  }

  #watching({ uid, namespace, name }: ResolvedGroup['plan'], nowMs: number): Watching {
    const { world, firstSeen } = this.#context;
    const set = world.storeOf('StatefulSet').get(`${namespace}/${groupObjectName(name)}`);
    return {
      groupMs: firstSeen.of(uid, nowMs),
      podsMs: set === undefined ? null : firstSeen.of(set.metadata.uid, nowMs),
    };
  }

  #placesOf(monitoring: MonitoringConfig): CachegroupPlace[] {
    const places = this.#places.get(monitoring) ?? cachegroupPlaces(monitoring);
    this.#places.set(monitoring, places);
    return places;
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
      shrinkHoldMs: settings.snapshotShrinkHoldMs,
      kept,
      log: this.#context.log.about('CDN', cdnKey(settings.namespace, cdn)),
      onChange: () => this.touch(cdn),
      onStatus: (status) => this.#context.metrics.trafficOps(cdn, status),
    });
    const plan = known?.plan ?? null;
    const view: CdnView = { access, keeper, plan, planMs: 0, trouble: null, told: new Map() };
    this.#views.set(cdn, view);
    keeper.start();
    return view;
  }

  async #forget(cdn: CdnName): Promise<void> {
    const view = this.#views.get(cdn);
    this.#views.delete(cdn);
    await view?.keeper.stop();
    this.#context.metrics.cdnGone(cdn);
  }

  /** Wakes those groups for which something is new. */
  #touchGroups({ plan, keeper, trouble, told }: CdnView, groups: readonly ResolvedGroup[]): void {
    const common = JSON.stringify([plan?.revision, keeper.facts, trouble]);
    const takers = takersIn(plan);
    for (const { plan: group } of groups) {
      const own = JSON.stringify([
        plan?.offDuty.has(group.name),
        plan === null ? [] : problemsOf(group.name, plan.plan.problems),
      ]);
      const now = `${group.uid} ${common} ${own}`;
      if (told.get(group.name) === now) continue;
      told.set(group.name, now);
      const key = `${group.namespace}/${group.name}`;
      if (takers.has(group.name)) this.#context.groupQueue.addFirst(key);
      else this.#context.groupQueue.add(key);
    }
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

/** Groups that are to poll what others polled: of hundreds they are told first. */
function takersIn(plan: CdnPlan | null): ReadonlySet<GroupName> {
  if (plan === null) return new Set();
  return new Set([
    ...plan.plan.failovers.map(({ standIn }) => standIn),
    ...plan.memory.ownership.pending.map(({ to }) => to),
  ]);
}
