import { isDeepStrictEqual } from 'node:util';
import type { AssignmentDocument, Failover, Handover } from '../../common/assignment/document.ts';
import { type CachegroupName, monitorName } from '../../common/ids.ts';
import type { Stored } from '../../common/kube/objects.ts';
import type {
  MemberStatus,
  TrafficMonitorGroup,
  TrafficMonitorGroupStatus,
} from '../api/v1alpha1/trafficmonitorgroup.ts';
import { GROUPS } from '../kube/kinds.ts';
import { type CdnPlan, problemsOf } from '../planning/cdn-plan.ts';
import { FIELD_MANAGER, groupObjectName, groupSelector, memberName } from '../resources/names.ts';
import type { CdnView } from './cdn-controller.ts';
import { type Findings, isGood, transitions, updateConditions } from './conditions.ts';
import { type ConditionFacts, conditionsOf, type MemberFacts } from './group-conditions.ts';
import type { OperatorContext } from './operator-context.ts';
import type { ResolvedGroup } from './resolve-group.ts';

/** Of a StatefulSet, as far as the status of a group tells of it. */
interface StatefulSetFacts {
  readonly metadata?: { readonly generation?: number };
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

/** What the status of a group tells of, besides what the world shows. */
export interface StatusGrounds {
  readonly view: CdnView;
  /** Why objects could not be applied; null: they are. */
  readonly trouble: string | null;
  /** The document that the group's monitors can read. */
  readonly inForce: AssignmentDocument | null;
}

/** A monitor that is starting may be silent for so long before that counts as trouble: ms. */
const STARTING_MS = 120_000;

/** Applying a revision takes a moment, the longer the more groups have to be told; only a longer one is told: ms. */
const APPLYING_MS = 5000;
const APPLYING_GROUP_MS = 50;

/** Tells how each group is: status, conditions, events at transitions, metrics. Writes only what is news. */
export class GroupStatusWriter {
  readonly #context: OperatorContext;
  /** Key → what was written upon which version: until the news of it come, that is what the status is. */
  readonly #written = new Map<
    string,
    { readonly upon: string; readonly status: TrafficMonitorGroupStatus }
  >();

  constructor(context: OperatorContext) {
    this.#context = context;
  }

  /** @param key `namespace/name` of a group that is gone */
  forget(key: string): void {
    this.#written.delete(key);
  }

  /** @returns when something will have to be told otherwise if nothing happens: in ms; null: never */
  async write(
    resource: Stored<TrafficMonitorGroup>,
    group: ResolvedGroup,
    grounds: StatusGrounds,
    signal: AbortSignal,
  ): Promise<number | null> {
    const { tellingApi, metrics, wallMs } = this.#context;
    const { name, namespace = '', generation = 0, resourceVersion } = resource.metadata;
    const key = `${namespace}/${name}`;
    const { view } = grounds;
    const written = this.#written.get(key);
    const current = written?.upon === resourceVersion ? written.status : resource.status;
    const before = current?.conditions ?? [];
    const set = this.#statefulSetOf(group);
    const members = this.#membersOf(group, set);
    const facts = this.#factsOf(group, grounds, set, members);
    const findings = conditionsOf(facts);
    const cachegroups = cachegroupsOf(group, view);
    const status: TrafficMonitorGroupStatus = {
      observedGeneration: generation,
      replicas: set.status?.replicas ?? 0,
      readyReplicas: set.status?.readyReplicas ?? 0,
      selector: selectorText(groupSelector(group.plan.cdn, group.plan.name)),
      revision: facts.revision,
      appliedMembers: `${appliedCount(facts)}/${facts.members.length}`,
      onDuty: !facts.offDuty,
      cachegroupCount: cachegroups.length,
      cachegroups,
      handovers: handoversOf(group, view),
      failovers: failoversOf(group, view),
      members: this.#memberStatuses(namespace, members),
      conditions: updateConditions(before, findings, { generation, nowMs: wallMs() }),
    };
    metrics.group(key, name, {
      cdn: group.plan.cdn,
      cachegroups: cachegroups.length,
      members: facts.members.length,
      live: facts.members.filter(({ live }) => live).length,
      ready: facts.members.filter(({ live, ready }) => live && ready).length,
      applied: appliedCount(facts),
      conditions: findings,
    });
    const wakeMs = earliest([
      ...members.map(({ graceMs }) => graceMs),
      applyingMs(facts, view, this.#context),
    ]);
    if (isDeepStrictEqual(status, current)) return wakeMs;
    await tellingApi.mergePatch(
      GROUPS,
      { name, namespace },
      { status },
      { subresource: 'status', fieldManager: FIELD_MANAGER, signal },
    );
    this.#written.set(key, { upon: resourceVersion, status });
    this.#announce(resource, before, findings);
    return wakeMs;
  }

  #announce(
    resource: Stored<TrafficMonitorGroup>,
    before: Parameters<typeof transitions>[0],
    findings: Findings,
  ): void {
    const { name, namespace = '', uid } = resource.metadata;
    const subject = { apiVersion: GROUPS.apiVersion, kind: GROUPS.kind, name, namespace, uid };
    const log = this.#context.log.about(GROUPS.kind, `${namespace}/${name}`);
    for (const { type, finding } of transitions(before, findings)) {
      const good = isGood(type, finding) || type === 'Progressing';
      const told = `${type} is ${finding.status}, ${finding.reason}: ${finding.message}`;
      if (good) log.info(told);
      else log.warning(told);
      this.#context.events.record(subject, {
        type: good ? 'Normal' : 'Warning',
        reason: finding.reason,
        action: `Observe${type}`,
        note: told,
      });
    }
  }

  #factsOf(
    group: ResolvedGroup,
    { view, trouble, inForce }: StatusGrounds,
    set: StatefulSetFacts,
    members: readonly MemberFacts[],
  ): ConditionFacts {
    const { plan, state } = group;
    const { plan: cdnPlan, keeper } = view;
    const { nowMs } = this.#context;
    return {
      paused: state === 'paused',
      leaving: state === 'leaving',
      members,
      // A paused group stays behind on purpose.
      revision: (state === 'paused' ? inForce?.revision : cdnPlan?.revision) ?? 0,
      revisionIsYoung: cdnPlan !== null && nowMs() < appliedByMs(cdnPlan),
      rollingOut: isRollingOut(set),
      handovers: handoversOf(group, view).length,
      offDuty: cdnPlan?.offDuty.has(plan.name) ?? false,
      standingIn: failoversOf(group, view).filter(({ standIn }) => standIn === plan.name).length,
      applyError: trouble,
      trafficOps: keeper.facts,
      problems: problemsOf(plan.name, cdnPlan?.plan.problems ?? []),
      cachegroups: cdnPlan?.plan.owners.size ?? 0,
    };
  }

  #membersOf({ plan }: ResolvedGroup, set: StatefulSetFacts): (MemberFacts & { graceMs: number | null })[] {
    const { liveness, nowMs, wallMs, world } = this.#context;
    return Array.from({ length: plan.replicas }, (_, ordinal) => {
      const name = memberName(plan.name, ordinal);
      const life = liveness.of(name);
      const live = liveness.isLive(name, nowMs());
      const lease = world.storeOf('Lease').get(`${plan.namespace}/${name}`);
      const madeMs = Date.parse(lease?.metadata.creationTimestamp ?? '');
      const silentMs = life === null ? wallMs() - (madeMs || wallMs()) : nowMs() - life.seenMs;
      const mayBeSilent = !live && (life === null || isRollingOut(set)) && silentMs < STARTING_MS;
      return {
        name,
        live,
        ready: life?.report.ready ?? false,
        appliedRevision: life?.report.appliedRevision ?? 0,
        starting: mayBeSilent,
        graceMs: mayBeSilent ? STARTING_MS - silentMs : null,
      };
    });
  }

  #memberStatuses(namespace: string, members: readonly MemberFacts[]): MemberStatus[] {
    const { liveness, world } = this.#context;
    return members.map(({ name, live, ready, appliedRevision }) => {
      const report = liveness.of(name)?.report;
      const node = world.pods.get(`${namespace}/${name}`)?.spec?.nodeName;
      return {
        name: monitorName(name),
        ...(node === undefined ? {} : { node }),
        live,
        ready: live && ready,
        ...(report === undefined
          ? {}
          : { appliedRevision, polledRevision: report.polledRevision, unpolledCachegroups: report.unpolled }),
      };
    });
  }

  #statefulSetOf({ plan }: ResolvedGroup): StatefulSetFacts {
    const key = `${plan.namespace}/${groupObjectName(plan.name)}`;
    return (this.#context.world.storeOf('StatefulSet').get(key) ?? {}) as StatefulSetFacts;
  }
}

function cachegroupsOf({ plan }: ResolvedGroup, { plan: cdnPlan }: CdnView): CachegroupName[] {
  if (cdnPlan === null) return [];
  return [...cdnPlan.memory.ownership.owners]
    .filter(([, owners]) => owners.includes(plan.name))
    .map(([cachegroup]) => cachegroup)
    .sort();
}

function handoversOf({ plan }: ResolvedGroup, { plan: cdnPlan }: CdnView): Handover[] {
  const pending = cdnPlan?.memory.ownership.pending ?? [];
  return pending
    .filter(({ from, to }) => from === plan.name || to === plan.name)
    .map(({ cachegroup, from, to }) => ({ cachegroup, from, to }));
}

function failoversOf({ plan }: ResolvedGroup, { plan: cdnPlan }: CdnView): Failover[] {
  const failovers = cdnPlan?.plan.failovers ?? [];
  return failovers.filter(({ home, standIn }) => home === plan.name || standIn === plan.name);
}

const appliedCount = ({ members, revision }: ConditionFacts): number =>
  members.filter(({ appliedRevision }) => revision > 0 && appliedRevision === revision).length;

/** The controller of StatefulSets has not seen the newest one yet, or not all pods are of it. */
function isRollingOut({ metadata, spec, status }: StatefulSetFacts): boolean {
  if (spec === undefined) return false;
  const { observedGeneration = 0, updatedReplicas = 0 } = status ?? {};
  return observedGeneration < (metadata?.generation ?? 0) || updatedReplicas < (spec.replicas ?? 0);
}

/** Steady clock, ms. */
const appliedByMs = ({ memory }: CdnPlan): number =>
  memory.revisedMs + APPLYING_MS + APPLYING_GROUP_MS * memory.onDuty.size;

/** When a revision that is not applied everywhere is old enough to be told of. */
function applyingMs(
  { members, revision }: ConditionFacts,
  { plan }: CdnView,
  { nowMs }: OperatorContext,
): number | null {
  const isBehind = members.some(({ live, appliedRevision }) => live && appliedRevision < revision);
  const leftMs = plan === null ? 0 : appliedByMs(plan) - nowMs();
  return isBehind && leftMs > 0 ? leftMs : null;
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.ceil(Math.min(...known));
}

const selectorText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
