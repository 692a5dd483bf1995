import type { CdnController } from './cdn-controller.ts';
import type { Outcome } from './controller.ts';
import type { GroupController } from './group-controller.ts';
import { GroupStatusWriter } from './group-status-writer.ts';
import type { OperatorContext } from './operator-context.ts';
import { resolveGroup } from './resolve-group.ts';

/** Tells how each group is. Apart from the making of objects, so that what monitors wait for is never behind it. */
export class StatusController {
  readonly #context: OperatorContext;
  readonly #cdns: CdnController;
  readonly #groups: GroupController;
  readonly #writer: GroupStatusWriter;

  constructor(context: OperatorContext, cdns: CdnController, groups: GroupController) {
    this.#context = context;
    this.#cdns = cdns;
    this.#groups = groups;
    this.#writer = new GroupStatusWriter(context);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const { world, settings, metrics } = this.#context;
    const resource = world.groups.get(key);
    if (resource === undefined) {
      metrics.groupGone(key);
      this.#writer.forget(key);
      return {};
    }
    const group = resolveGroup(resource, settings);
    const view = this.#cdns.viewOf(group.plan.cdn);
    if (view === null) return {};
    const known = this.#cdns.documents.of(group.plan.name, view.plan?.documents.get(group.plan.name));
    const trouble = this.#groups.troubleOf(key) ?? view.trouble?.problem ?? null;
    const wakeMs = await this.#writer.write(resource, group, { view, trouble, inForce: known }, signal);
    return wakeMs === null ? {} : { lookAgainMs: wakeMs };
  }
}
