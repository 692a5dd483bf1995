import { Counter, Gauge, type Registry } from 'prom-client';
import { leavesGap } from '../../common/assignment/plan-problem.ts';
import type { CdnName } from '../../common/ids.ts';
import type { TrafficOpsStatus } from '../../common/traffic-ops/feed.ts';
import type { CdnPlan } from '../planning/cdn-plan.ts';
import { CONDITION_TYPES, type Findings } from '../reconcile/conditions.ts';

/** What the figures of one group are made of. */
export interface GroupFigures {
  readonly cdn: CdnName;
  readonly cachegroups: number;
  readonly members: number;
  readonly live: number;
  readonly ready: number;
  /** Members that have applied the revision in force. */
  readonly applied: number;
  readonly conditions: Findings;
}

const CDN_GAUGES = {
  tm_operator_assignment_revision: 'Revision of the assignment in force.',
  tm_operator_handovers: 'Cachegroups on their way from one group to another.',
  tm_operator_failovers: 'Cachegroups that another group polls because their own is down.',
  tm_operator_coverage_gaps: 'Problems that leave cachegroups unpolled.',
  tm_operator_groups: 'Groups of the CDN.',
  tm_operator_traffic_ops_reachable: 'Whether Traffic Ops answers: 1 or 0.',
  tm_operator_snapshot_accepted_timestamp_seconds:
    'When Traffic Ops last gave or confirmed the snapshot in force.',
  tm_operator_snapshot_held_back_caches:
    'Caches that the newest snapshot lacks, which is held back for that; 0: none is held back.',
} as const;

type CdnGauge = keyof typeof CDN_GAUGES;

const STATES = ['desired', 'live', 'ready', 'applied'] as const;
const STATUSES = ['True', 'False', 'Unknown'] as const;

/** What the operator knows of groups and CDNs, for Prometheus: docs/metrics.md. Only the leader has values. */
export class GroupMetrics {
  readonly #cdn: ReadonlyMap<CdnGauge, Gauge>;
  readonly #cachegroups: Gauge;
  readonly #monitors: Gauge;
  readonly #condition: Gauge;
  readonly #writes: Counter;
  readonly #markedDead: Counter;
  /** Key of a group → its labels. */
  readonly #known = new Map<string, { readonly cdn: string; readonly group: string }>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#cdn = new Map(
      Object.entries(CDN_GAUGES).map(([name, help]) => [
        name as CdnGauge,
        new Gauge({ name, help, labelNames: ['cdn'], registers }),
      ]),
    );
    this.#cachegroups = new Gauge({
      name: 'tm_operator_group_cachegroups',
      help: 'Cachegroups that a group polls.',
      labelNames: ['cdn', 'group'],
      registers,
    });
    this.#monitors = new Gauge({
      name: 'tm_operator_group_monitors',
      help: 'Monitors of a group: desired, live, ready, and those that have applied the assignment in force.',
      labelNames: ['cdn', 'group', 'state'],
      registers,
    });
    this.#condition = new Gauge({
      name: 'tm_operator_group_condition',
      help: 'Conditions of a group: 1 for the status that each has, 0 for the others.',
      labelNames: ['cdn', 'group', 'type', 'status'],
      registers,
    });
    this.#writes = new Counter({
      name: 'tm_operator_writes_total',
      help: 'Objects applied or removed, by kind.',
      labelNames: ['kind'],
      registers,
    });
    this.#markedDead = new Counter({
      name: 'tm_operator_monitors_marked_dead_total',
      help: 'Pods that were marked not ready because their monitor was dead.',
      registers,
    });
  }

  planned(cdn: CdnName, { revision, memory, plan, documents }: CdnPlan): void {
    this.#set('tm_operator_assignment_revision', cdn, revision);
    this.#set('tm_operator_handovers', cdn, memory.ownership.pending.length);
    this.#set('tm_operator_failovers', cdn, plan.failovers.length);
    this.#set('tm_operator_coverage_gaps', cdn, plan.problems.filter(leavesGap).length);
    this.#set('tm_operator_groups', cdn, documents.size);
  }

  trafficOps(cdn: CdnName, { trafficOpsReachable, acceptedAt, heldBackCaches }: TrafficOpsStatus): void {
    this.#set('tm_operator_traffic_ops_reachable', cdn, trafficOpsReachable ? 1 : 0);
    this.#set('tm_operator_snapshot_held_back_caches', cdn, heldBackCaches);
    if (acceptedAt !== null) {
      this.#set('tm_operator_snapshot_accepted_timestamp_seconds', cdn, acceptedAt / 1000);
    }
  }

  /** Its last group is gone. */
  cdnGone(cdn: CdnName): void {
    for (const gauge of this.#cdn.values()) gauge.remove({ cdn });
  }

  /** @param key `namespace/name` of the group */
  group(key: string, name: string, figures: GroupFigures): void {
    const labels = { cdn: figures.cdn, group: name };
    this.#known.set(key, labels);
    this.#cachegroups.set(labels, figures.cachegroups);
    const counts = {
      desired: figures.members,
      live: figures.live,
      ready: figures.ready,
      applied: figures.applied,
    };
    for (const state of STATES) this.#monitors.set({ ...labels, state }, counts[state]);
    for (const type of CONDITION_TYPES) {
      for (const status of STATUSES) {
        this.#condition.set({ ...labels, type, status }, figures.conditions[type].status === status ? 1 : 0);
      }
    }
  }

  groupGone(key: string): void {
    const labels = this.#known.get(key);
    if (labels === undefined) return;
    this.#known.delete(key);
    this.#cachegroups.remove(labels);
    for (const state of STATES) this.#monitors.remove({ ...labels, state });
    for (const type of CONDITION_TYPES) {
      for (const status of STATUSES) this.#condition.remove({ ...labels, type, status });
    }
  }

  readonly written = (kind: string): void => this.#writes.inc({ kind });

  markedDead(): void {
    this.#markedDead.inc();
  }

  #set(name: CdnGauge, cdn: CdnName, value: number): void {
    this.#cdn.get(name)?.set({ cdn }, value);
  }
}
