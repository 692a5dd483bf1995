import type { CdnName } from '../common/ids.ts';
import { GROUPS } from './kube/kinds.ts';
import type { LeaderElection } from './kube/leader-election.ts';
import { CdnController } from './reconcile/cdn-controller.ts';
import { Controller } from './reconcile/controller.ts';
import { GroupController } from './reconcile/group-controller.ts';
import { type OperatorContext, tellAfter } from './reconcile/operator-context.ts';
import { StatusController } from './reconcile/status-controller.ts';
import { WorkQueue } from './reconcile/work-queue.ts';
import type { OperatorMetrics } from './serve/metrics.ts';

const RECONCILE_TIMEOUT_MS = 60_000;
const GROUP_WORKERS = 4;
const STATUS_WORKERS = 2;

/** What the monitors of a group report comes in pieces: ms until it is told. */
const HEARD_MS = 500;

export type Queues = Pick<OperatorContext, 'cdnQueue' | 'groupQueue' | 'statusQueue'>;

/** What only the leader does. */
export class Leading {
  readonly cdns: CdnController;
  readonly context: OperatorContext;
  readonly #controllers: readonly Controller[];

  constructor(
    partial: Omit<OperatorContext, keyof Queues>,
    metrics: OperatorMetrics,
    election: LeaderElection,
  ) {
    const queueOf = (controller: string): WorkQueue => {
      const queue = new WorkQueue({
        observer: metrics.queueObserver(controller),
        retryFirstMs: 100,
        retryMaxMs: 30_000,
      });
      metrics.showQueue(controller, queue);
      return queue;
    };
    this.context = {
      ...partial,
      cdnQueue: queueOf('cdn'),
      groupQueue: queueOf('group'),
      statusQueue: queueOf('status'),
    };
    const { context } = this;
    this.cdns = new CdnController(context);
    const groups = new GroupController(context, this.cdns);
    const statuses = new StatusController(context, this.cdns, groups);
    const onlyLeader = <Result>(work: () => Promise<Result>): Promise<Result> => {
      if (!election.isLeader) throw new Error('not the leader any more: nothing is written');
      return work();
    };
    const { namespace } = context.settings;
    this.#controllers = [
      new Controller({
        name: 'cdn',
        queue: context.cdnQueue,
        reconcile: (key, signal) => onlyLeader(() => this.cdns.reconcile(key, signal)),
        workers: 1,
        timeoutMs: RECONCILE_TIMEOUT_MS,
        logOf: (key) => context.log.about('CDN', `${namespace}/${key}`),
        observer: metrics.controllerObserver('cdn', 1),
      }),
      new Controller({
        name: 'group',
        queue: context.groupQueue,
        reconcile: (key, signal) => onlyLeader(() => groups.reconcile(key, signal)),
        workers: GROUP_WORKERS,
        timeoutMs: RECONCILE_TIMEOUT_MS,
        logOf: (key) => context.log.about(GROUPS.kind, key),
        observer: metrics.controllerObserver('group', GROUP_WORKERS),
      }),
      new Controller({
        name: 'status',
        queue: context.statusQueue,
        reconcile: (key, signal) => onlyLeader(() => statuses.reconcile(key, signal)),
        workers: STATUS_WORKERS,
        timeoutMs: RECONCILE_TIMEOUT_MS,
        logOf: (key) => context.log.about(GROUPS.kind, key),
        observer: metrics.controllerObserver('status', STATUS_WORKERS),
      }),
    ];
    for (const controller of this.#controllers) controller.start();
  }

  touch(groupKey: string, cdn: CdnName): void {
    this.cdns.touch(cdn);
    this.context.groupQueue.add(groupKey);
  }

  /** A monitor has told something new: it concerns the plan and what is told, not the objects. */
  heard(groupKey: string, cdn: CdnName): void {
    this.cdns.touch(cdn);
    tellAfter(this.context, groupKey, HEARD_MS);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop()));
    await this.cdns.stop();
  }
}
