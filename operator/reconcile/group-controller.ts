import { isConflict } from '../../common/kube/api-error.ts';
import type { KubeObject, Stored } from '../../common/kube/objects.ts';
import { messageOf } from '../../common/message-of.ts';
import type { TrafficMonitorGroup } from '../api/v1alpha1/trafficmonitorgroup.ts';
import { APPLIED_KINDS, GROUPS } from '../kube/kinds.ts';
import { isReleased } from '../planning/cdn-plan.ts';
import { groupManifests } from '../resources/manifests.ts';
import type { CdnController, CdnView } from './cdn-controller.ts';
import { type Outcome, TerminalError } from './controller.ts';
import { FINALIZER, setFinalizer, unsetFinalizer } from './finalizer.ts';
import { type OperatorContext, tellAfter } from './operator-context.ts';
import { type ResolvedGroup, resolveGroup } from './resolve-group.ts';

/** After a write met a newer version of its object: the news of that are on their way. ms. */
const CONFLICT_MS = 200;

/** How long the status waits for more to tell: ms. */
const STATUS_GATHER_MS = 300;

/**
 * Makes the objects of each group as its resource and the plan of its CDN say, and removes what is no longer asked
 * for. A deleted group stays until others poll what it polled.
 */
export class GroupController {
  readonly #context: OperatorContext;
  readonly #cdns: CdnController;
  readonly #troubles = new Map<string, string>();

  constructor(context: OperatorContext, cdns: CdnController) {
    this.#context = context;
    this.#cdns = cdns;
  }

  /** Why objects of a group could not be applied; null: they are. @param key `namespace/name` */
  troubleOf(key: string): string | null {
    return this.#troubles.get(key) ?? null;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const { world, settings, statusQueue } = this.#context;
    const resource = world.groups.get(key);
    if (resource === undefined) {
      this.#troubles.delete(key);
      statusQueue.add(key);
      return {};
    }
    const group = resolveGroup(resource, settings);
    const view = this.#cdns.viewOf(group.plan.cdn);
    if (view === null) return {};
    if (group.state === 'leaving' && this.#mayGo(group, view)) {
      return this.#letGo(resource, signal);
    }
    const failures = group.state === 'paused' ? [] : await this.#applyAll(resource, group, view, signal);
    // A conflict is no trouble, only news that are on their way.
    const troubles = failures.filter((error) => !isConflict(error));
    if (troubles.length === 0) this.#troubles.delete(key);
    else this.#troubles.set(key, troubles.map(messageOf).join('; '));
    tellAfter(this.#context, key, STATUS_GATHER_MS);
    if (troubles.length > 0) throw toError(troubles);
    if (failures.length > 0) return { lookAgainMs: CONFLICT_MS };
    return {};
  }

  async #letGo(resource: Stored<TrafficMonitorGroup>, signal: AbortSignal): Promise<Outcome> {
    try {
      await unsetFinalizer(this.#context.api, resource, signal);
      return {};
    } catch (error) {
      if (!isConflict(error)) throw error;
      return { lookAgainMs: CONFLICT_MS };
    }
  }

  /** Whether nobody needs the monitors of a deleted group any more. */
  #mayGo({ plan }: ResolvedGroup, { plan: cdnPlan }: CdnView): boolean {
    const others = [...this.#context.world.groups.values()].some(
      ({ spec, metadata }) =>
        spec.cdn === plan.cdn && metadata.uid !== plan.uid && metadata.deletionTimestamp === undefined,
    );
    if (!others) return true;
    if (cdnPlan !== null) return isReleased(plan.name, cdnPlan);
    // Without a snapshot nothing can be handed over; what it polls, it polls on.
    const own = this.#cdns.documents.of(plan.name)?.groups.find(({ name }) => name === plan.name);
    return (own?.cachegroups.length ?? 0) === 0;
  }

  /** Returns what went wrong; one thing that cannot be done keeps nothing else from being done. */
  async #applyAll(
    resource: Stored<TrafficMonitorGroup>,
    group: ResolvedGroup,
    view: CdnView,
    signal: AbortSignal,
  ): Promise<unknown[]> {
    const { api, applier } = this.#context;
    const planned = view.plan?.documents.get(group.plan.name) ?? null;
    const manifests = groupManifests(group.plan, planned ?? this.#cdns.documents.of(group.plan.name));
    const hasFinalizer = resource.metadata.finalizers?.includes(FINALIZER) === true;
    const steps: (() => Promise<unknown>)[] = [
      ...(group.state === 'active' && !hasFinalizer ? [() => setFinalizer(api, resource, signal)] : []),
      ...manifests.map((manifest) => () => applier.apply(manifest, signal)),
      () => this.#removeSurplus(group, manifests, signal),
    ];
    const failures: unknown[] = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
      }
    }
    return failures;
  }

  /** Objects that the group owns and does not ask for any more: Leases of former members, a Service, a policy. */
  async #removeSurplus(
    group: ResolvedGroup,
    wanted: readonly KubeObject[],
    signal: AbortSignal,
  ): Promise<void> {
    const { world, applier, log } = this.#context;
    const names = new Set(wanted.map(({ kind, metadata }) => `${kind} ${metadata?.name}`));
    for (const kind of APPLIED_KINDS) {
      // Without an assignment the StatefulSet is not wanted yet; one that runs is never taken away for that.
      if (kind.kind === 'StatefulSet') continue;
      for (const object of world.ownedBy(group.plan.uid, kind.kind)) {
        const { name, deletionTimestamp } = object.metadata;
        if (deletionTimestamp !== undefined || names.has(`${kind.kind} ${name}`)) continue;
        await applier.remove(kind, object, signal);
        log
          .about(GROUPS.kind, `${group.plan.namespace}/${group.plan.name}`)
          .info(`${kind.kind} ${name} removed: it is not asked for any more`);
      }
    }
  }
}

/** Trying again helps unless it helps with none. */
function toError(failures: readonly unknown[]): Error {
  const message = failures.map(messageOf).join('; ');
  const [first] = failures;
  if (failures.every((error) => error instanceof TerminalError)) return new TerminalError(message);
  return failures.length === 1 && first instanceof Error ? first : new Error(message);
}
