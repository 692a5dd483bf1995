import { isDeepStrictEqual } from 'node:util';
import type { Failover, Handover } from '../../common/assignment/document.ts';
import { type CachegroupName, monitorName } from '../../common/ids.ts';
import type { Stored } from '../../common/kube/objects.ts';
import type {
  MemberStatus,
  TrafficMonitorGroup,
  TrafficMonitorGroupStatus,
} from '../api/v1alpha1/trafficmonitorgroup.ts';
import { GROUPS } from '../kube/kinds.ts';
import { problemsOf } from '../planning/cdn-plan.ts';
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

/** Tells how each group is: status, conditions, events at transitions, metrics. Writes only what is news. */
export class GroupStatusWriter {
  readonly #context: OperatorContext;

  constructor(context: OperatorContext) {
    this.#context = context;
  }

  async write(
    resource: Stored<TrafficMonitorGroup>,
    group: ResolvedGroup,
    view: CdnView,
    applyError: Error | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, metrics, wallMs } = this.#context;
    const { name, namespace = '', generation = 0 } = resource.metadata;
    const before = resource.status?.conditions ?? [];
    const set = this.#statefulSetOf(group);
    const facts = this.#factsOf(group, view, set, applyError);
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
      members: this.#memberStatuses(group),
      conditions: updateConditions(before, findings, { generation, nowMs: wallMs() }),
    };
    metrics.group(`${namespace}/${name}`, name, {
      cdn: group.plan.cdn,
      cachegroups: cachegroups.length,
      members: facts.members.length,
      live: facts.members.filter(({ live }) => live).length,
      ready: facts.members.filter(({ live, ready }) => live && ready).length,
      applied: appliedCount(facts),
      conditions: findings,
    });
    if (isDeepStrictEqual(status, resource.status)) return;
    await api.mergePatch(
      GROUPS,
      { name, namespace },
      { status },
      { subresource: 'status', fieldManager: FIELD_MANAGER, signal },
    );
    this.#announce(resource, before, findings);
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
    view: CdnView,
    set: StatefulSetFacts,
    applyError: Error | null,
  ): ConditionFacts {
    const { plan, state } = group;
    const { plan: cdnPlan, keeper } = view;
    return {
      paused: state === 'paused',
      leaving: state === 'leaving',
      members: this.#membersOf(group),
      revision: cdnPlan?.revision ?? 0,
      rollingOut: isRollingOut(set),
      handovers: handoversOf(group, view).length,
      offDuty: cdnPlan?.offDuty.has(plan.name) ?? false,
      standingIn: failoversOf(group, view).filter(({ standIn }) => standIn === plan.name).length,
      applyError: applyError?.message ?? view.problem,
      trafficOps: keeper.facts,
      problems: problemsOf(plan.name, cdnPlan?.plan.problems ?? []),
      cachegroups: cdnPlan?.plan.owners.size ?? 0,
    };
  }

  #membersOf({ plan }: ResolvedGroup): MemberFacts[] {
    const { liveness, nowMs } = this.#context;
    return Array.from({ length: plan.replicas }, (_, ordinal) => {
      const name = memberName(plan.name, ordinal);
      const report = liveness.of(name)?.report;
      return {
        name,
        live: liveness.isLive(name, nowMs()),
        ready: report?.ready ?? false,
        appliedRevision: report?.appliedRevision ?? 0,
      };
    });
  }

  #memberStatuses(group: ResolvedGroup): MemberStatus[] {
    const { liveness } = this.#context;
    return this.#membersOf(group).map(({ name, live, ready, appliedRevision }) => {
      const report = liveness.of(name)?.report;
      return {
        name: monitorName(name),
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

const selectorText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
