import type { Clock } from '../../common/clock.ts';
import type { KubeApi } from '../../common/kube/api.ts';
import { ApiError, isConflict, isNotFound } from '../../common/kube/api-error.ts';
import type { Stored } from '../../common/kube/objects.ts';
import { messageOf } from '../../common/message-of.ts';
import type { TrafficMonitorGroup } from '../api/v1alpha1/trafficmonitorgroup.ts';
import { GROUPS } from '../kube/kinds.ts';
import { unsetFinalizer } from '../reconcile/finalizer.ts';
import type { DesiredGroup } from './desired-groups.ts';

export interface ReleaseGroupsOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Name of the Helm release. */
  readonly release: string;
  readonly cdn: string;
  /** For all that is to be done, in ms. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

/** Another try would end the same: the values have to change, or the cluster. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

type Group = Stored<TrafficMonitorGroup>;

/** Who the fields of a group belong to that the chart's values set. */
const CHART = 'traffic-monitor-chart';
const RELEASE_LABEL = 'app.kubernetes.io/instance';

const LOOK_EVERY_MS = 500;

/**
 * The TrafficMonitorGroups of one Helm release. Helm cannot make them itself: it wants to know every kind of a release
 * before it creates the first object, so a definition and its resources cannot go together.
 */
export class ReleaseGroups {
  readonly #options: ReleaseGroupsOptions;
  readonly #endMs: number;

  constructor(options: ReleaseGroupsOptions) {
    this.#options = options;
    this.#endMs = options.clock.now() + options.deadlineMs;
  }

  /**
   * Makes the groups of the release be these. All of them are tried before the first is changed, and what is no longer
   * wanted goes last, so that there is always somebody to hand over to.
   *
   * @throws {RefusedError} naming every group that is refused, or belongs to somebody else; nothing has been changed then
   */
  async apply(desired: readonly DesiredGroup[]): Promise<void> {
    const { say, api, namespace } = this.#options;
    const present = await this.#untilKnown();
    this.#refuseForeign(desired, present);
    await this.#untilGone(
      present.filter(
        ({ metadata }) => isLeaving(metadata) && desired.some(({ name }) => name === metadata.name),
      ),
    );
    await this.#tryAll(desired);
    for (const group of desired) {
      await this.#write(group, false);
      say(`group ${group.name} applied`);
    }
    for (const { metadata } of this.#ours(present)) {
      if (isLeaving(metadata) || desired.some(({ name }) => name === metadata.name)) continue;
      await api.delete(GROUPS, { namespace, name: metadata.name });
      say(`group ${metadata.name} deleted: it goes when others poll its cachegroups`);
    }
  }

  /**
   * Deletes the groups of the release and waits until they are gone. Those that the operator has not let go by the
   * deadline are let go here: nobody will be there to do it later.
   */
  async remove(): Promise<void> {
    const { say, api, namespace } = this.#options;
    const present = await this.#list();
    if (present === null) return say('the API server knows no TrafficMonitorGroups: nothing to remove');
    const ours = this.#ours(present);
    for (const { metadata } of ours) {
      await ignoringGone(api.delete(GROUPS, { namespace, name: metadata.name }));
      say(`group ${metadata.name} deleted`);
    }
    const left = await this.#leftOf(ours);
    for (const group of left) {
      await unsetFinalizer(api, group, AbortSignal.timeout(this.#options.deadlineMs));
      say(`group ${group.metadata.name}: the operator did not let it go in time; released without it`);
    }
    const others = present.filter((group) => this.#isOfCdn(group) && !ours.includes(group));
    if (others.length === 0) return;
    const names = others.map(({ metadata }) => metadata.name).join(', ');
    say(`groups that are not of this release stay, with their monitors and without an operator: ${names}`);
  }

  /** The groups there are, as soon as the API server knows the kind. */
  async #untilKnown(): Promise<readonly Group[]> {
    for (;;) {
      const groups = await this.#list();
      if (groups !== null) return groups;
      if (this.#isLate()) {
        throw new Error(
          'the API server does not know TrafficMonitorGroups: install the chart with crds.enabled=true, or apply the definition first',
        );
      }
      await this.#pause();
    }
  }

  /** null: the kind is not known. */
  async #list(): Promise<readonly Group[] | null> {
    const { api, namespace } = this.#options;
    try {
      return (await api.list(GROUPS, { namespace })).items;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  #ours(groups: readonly Group[]): Group[] {
    return groups.filter(({ metadata }) => metadata.labels?.[RELEASE_LABEL] === this.#options.release);
  }

  #isOfCdn({ spec }: Group): boolean {
    return spec.cdn === this.#options.cdn;
  }

  #refuseForeign(desired: readonly DesiredGroup[], present: readonly Group[]): void {
    const ours = this.#ours(present);
    const foreign = present.filter(
      (group) => !ours.includes(group) && desired.some(({ name }) => name === group.metadata.name),
    );
    if (foreign.length === 0) return;
    const { namespace, release } = this.#options;
    const names = foreign.map(({ metadata }) => metadata.name).join(', ');
    throw new RefusedError(
      `not of release ${release}, and nothing was changed: ${names}. Choose other names, or hand them over: kubectl label tmg -n ${namespace} ${foreign[0]?.metadata.name} ${RELEASE_LABEL}=${release} --overwrite`,
    );
  }

  async #tryAll(desired: readonly DesiredGroup[]): Promise<void> {
    const refusals: string[] = [];
    for (const group of desired) {
      try {
        await this.#write(group, true);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusals.push(`group ${group.name}: ${messageOf(error)}`);
      }
    }
    if (refusals.length > 0) throw new RefusedError(`nothing was changed:\n${refusals.join('\n')}`);
  }

  async #write({ name, spec }: DesiredGroup, isDryRun: boolean): Promise<void> {
    const { api, namespace, release, cdn } = this.#options;
    const labels = {
      'app.kubernetes.io/name': 'traffic-monitor',
      'app.kubernetes.io/managed-by': 'Helm',
      [RELEASE_LABEL]: release,
    };
    const group = { metadata: { name, namespace, labels }, spec: { ...spec, cdn } };
    // The API server judges the values, and knows which fields may be left out.
    await api.apply(GROUPS, group as unknown as Parameters<typeof api.apply<TrafficMonitorGroup>>[1], {
      fieldManager: CHART,
      force: true,
      isDryRun,
    });
  }

  /** A deleted group cannot be brought back, only made anew. @throws Error if it stays too long */
  async #untilGone(groups: readonly Group[]): Promise<void> {
    if (groups.length === 0) return;
    const names = groups.map(({ metadata }) => metadata.name).join(', ');
    this.#options.say(`waiting until what was deleted before is gone: ${names}`);
    const left = await this.#leftOf(groups);
    if (left.length > 0) throw new Error(`deleted before, and not gone yet: ${names}; nothing was changed`);
  }

  /** Those of these groups that are still there at the deadline. */
  async #leftOf(groups: readonly Group[]): Promise<readonly Group[]> {
    const uids = new Set(groups.map(({ metadata }) => metadata.uid));
    for (;;) {
      const left = ((await this.#list()) ?? []).filter(({ metadata }) => uids.has(metadata.uid));
      if (left.length === 0 || this.#isLate()) return left;
      await this.#pause();
    }
  }

  #isLate(): boolean {
    return this.#options.clock.now() >= this.#endMs;
  }

  async #pause(): Promise<void> {
    await this.#options.clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
  }
}

/** What the values say cannot be; not that the API server is busy, or somebody else was faster. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && error.code >= 400 && error.code < 429 && !isConflict(error);

const isLeaving = ({ deletionTimestamp }: Group['metadata']): boolean => deletionTimestamp !== undefined;

async function ignoringGone(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
