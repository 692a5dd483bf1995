import { groupName } from '../../common/ids.ts';
import type { KubeObject, Stored } from '../../common/kube/objects.ts';
import { messageOf } from '../../common/message-of.ts';
import type { TrafficMonitorGroup } from '../api/v1alpha1/trafficmonitorgroup.ts';
import { APPLIED_KINDS, GROUPS } from '../kube/kinds.ts';
import { isReleased } from '../planning/cdn-plan.ts';
import { groupManifests } from '../resources/manifests.ts';
import type { CdnController, CdnView } from './cdn-controller.ts';
import type { Outcome } from './controller.ts';
import { unreadyDeadMonitors } from './dead-monitors.ts';
import { FINALIZER, setFinalizer, unsetFinalizer } from './finalizer.ts';
import { GroupStatusWriter } from './group-status-writer.ts';
import type { OperatorContext } from './operator-context.ts';
import { type ResolvedGroup, resolveGroup } from './resolve-group.ts';

/**
 * Makes the objects of each group as its resource and the plan of its CDN say, removes what is no longer asked for,
 * and tells how the group is. A deleted group stays until others poll what it polled.
 */
export class GroupController {
  readonly #context: OperatorContext;
  readonly #cdns: CdnController;
  readonly #status: GroupStatusWriter;

  constructor(context: OperatorContext, cdns: CdnController) {
    this.#context = context;
    this.#cdns = cdns;
    this.#status = new GroupStatusWriter(context);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const { world, settings, metrics } = this.#context;
    const resource = world.groups.get(key);
    if (resource === undefined) {
      metrics.groupGone(key);
      return {};
    }
    const group = resolveGroup(resource, settings);
    const view = this.#cdns.viewOf(group.plan.cdn);
    if (view === null) return {};
    if (group.state === 'leaving' && this.#mayGo(group, view)) {
      await unsetFinalizer(this.#context.api, resource, signal);
      return {};
    }
    const applyError = await this.#applyAll(resource, group, view, signal);
    await this.#status.write(resource, group, view, applyError, signal);
    const lookAgainMs = await unreadyDeadMonitors(this.#context, group, signal);
    if (applyError !== null) throw applyError;
    return lookAgainMs === null ? {} : { lookAgainMs };
  }

  /** Whether nobody needs the monitors of a deleted group any more. */
  #mayGo({ plan }: ResolvedGroup, { plan: cdnPlan }: CdnView): boolean {
    const others = [...this.#context.world.groups.values()].some(
      ({ spec, metadata }) =>
        spec.cdn === plan.cdn && metadata.uid !== plan.uid && metadata.deletionTimestamp === undefined,
    );
    return !others || cdnPlan === null || isReleased(plan.name, cdnPlan);
  }

  /** Returns what went wrong, so that the status can tell before the error is passed on. */
  async #applyAll(
    resource: Stored<TrafficMonitorGroup>,
    group: ResolvedGroup,
    view: CdnView,
    signal: AbortSignal,
  ): Promise<Error | null> {
    if (group.state === 'paused') return null;
    try {
      if (group.state === 'active' && resource.metadata.finalizers?.includes(FINALIZER) !== true) {
        await setFinalizer(this.#context.api, resource, signal);
      }
      const document =
        view.plan?.documents.get(group.plan.name) ??
        this.#cdns.documentInForce(group.plan.namespace, group.plan.name);
      const manifests = groupManifests(group.plan, document);
      for (const manifest of manifests) await this.#context.applier.apply(manifest, signal);
      await this.#removeSurplus(group, manifests, signal);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  /** Objects that the group owns and does not ask for any more: Leases of former members, a Service, a policy. */
  async #removeSurplus(
    group: ResolvedGroup,
    wanted: readonly KubeObject[],
    signal: AbortSignal,
  ): Promise<void> {
    const { world, applier } = this.#context;
    const names = new Set(wanted.map(({ kind, metadata }) => `${kind} ${metadata?.name}`));
    for (const kind of APPLIED_KINDS) {
      // Without an assignment the StatefulSet is not wanted yet; one that runs is never taken away for that.
      if (kind.kind === 'StatefulSet') continue;
      for (const object of world.storeOf(kind.kind).values()) {
        const { metadata } = object;
        const isOurs = metadata.ownerReferences?.some(
          ({ uid, controller }) => uid === group.plan.uid && controller === true,
        );
        if (
          isOurs !== true ||
          metadata.deletionTimestamp !== undefined ||
          names.has(`${kind.kind} ${metadata.name}`)
        )
          continue;
        await applier.remove(kind, object, signal);
        this.#context.log
          .about(GROUPS.kind, `${group.plan.namespace}/${group.plan.name}`)
          .info(`${kind.kind} ${metadata.name} removed: it is not asked for any more`);
      }
    }
  }
}

/** The key of a group in its queue. */
export const groupKey = ({ metadata }: Stored<TrafficMonitorGroup>): string =>
  `${metadata.namespace}/${groupName(metadata.name)}`;
