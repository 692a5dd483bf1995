import type { CdnName } from '../../common/ids.ts';
import type { KubeApi } from '../../common/kube/api.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { OperatorLog } from '../log.ts';
import type { GroupPlan } from '../resources/group-plan.ts';
import { memberName } from '../resources/names.ts';
import type { GroupMetrics } from '../serve/group-metrics.ts';
import type { OperatorSettings } from '../settings.ts';
import type { World } from '../world.ts';
import type { Applier } from './applier.ts';
import type { LeaseReport, Liveness } from './liveness.ts';
import type { WorkQueue } from './work-queue.ts';

/** What both controllers work with. */
export interface OperatorContext {
  readonly settings: OperatorSettings;
  readonly world: World;
  readonly api: KubeApi;
  /** For what only people read. */
  readonly tellingApi: KubeApi;
  readonly applier: Applier;
  readonly events: EventRecorder;
  readonly liveness: Liveness;
  readonly metrics: GroupMetrics;
  readonly log: OperatorLog;
  /** Keys: names of CDNs. */
  readonly cdnQueue: WorkQueue;
  /** Keys: `namespace/name` of groups. */
  readonly groupQueue: WorkQueue;
  /** As `groupQueue`, for what is told of groups. */
  readonly statusQueue: WorkQueue;
  readonly firstSeen: FirstSeen;
  /** Steady, in ms. */
  readonly nowMs: () => number;
  /** ms since the epoch. */
  readonly wallMs: () => number;
  readonly userAgent: string;
}

/** Since when this process knows of each group and its StatefulSet: before that, silence of monitors means nothing. */
export class FirstSeen {
  readonly #times = new Map<string, number>();

  /** @param uid of a group or a StatefulSet. Steady clock, ms. */
  of(uid: string, nowMs: number): number {
    const known = this.#times.get(uid) ?? nowMs;
    this.#times.set(uid, known);
    return known;
  }

  forget(uid: string): void {
    this.#times.delete(uid);
  }
}

/** As long as one group takes to be written, and a little more: ms. */
const WRITING_MS = 20;

/** Looks later at what is to be told of a group, and later still while groups wait to be written: people have time. */
export function tellAfter(
  { statusQueue, groupQueue }: Pick<OperatorContext, 'statusQueue' | 'groupQueue'>,
  key: string,
  ms: number,
): void {
  statusQueue.addAfter(key, ms + WRITING_MS * groupQueue.depth);
}

/** What the members of a group last said of themselves. */
export function reportsOf({ name, replicas }: GroupPlan, liveness: Liveness): LeaseReport[] {
  return Array.from({ length: replicas }, (_, ordinal) => liveness.of(memberName(name, ordinal))).flatMap(
    (life) => (life === null ? [] : [life.report]),
  );
}

/** How the log names a CDN. */
export const cdnKey = (namespace: string, cdn: CdnName): string => `${namespace}/${cdn}`;
