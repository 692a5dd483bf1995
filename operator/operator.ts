import type { CdnName, GroupName } from '../common/ids.ts';
import { cdnName, groupName } from '../common/ids.ts';
import { KubeApi } from '../common/kube/api.ts';
import type { Credentials } from '../common/kube/credentials.ts';
import type { KubeObject, Lease } from '../common/kube/objects.ts';
import { RateLimit } from '../common/kube/rate-limit.ts';
import { CONFIG_MAPS, LEASES } from '../common/kube/resource.ts';
import type { Change } from '../common/kube/store.ts';
import { KubeTransport } from '../common/kube/transport.ts';
import type { TrafficMonitorGroup } from './api/v1alpha1/trafficmonitorgroup.ts';
import { EventRecorder } from './kube/events.ts';
import { Informers } from './kube/informers.ts';
import { PODS } from './kube/kinds.ts';
import { LeaderElection } from './kube/leader-election.ts';
import { serviceAccountOwner } from './kube/service-account-owner.ts';
import { Leading, type Queues } from './leading.ts';
import type { OperatorLog } from './log.ts';
import { Applier } from './reconcile/applier.ts';
import { DeadMonitors } from './reconcile/dead-monitors.ts';
import { LeaseProbe } from './reconcile/lease-probe.ts';
import { leaseReport } from './reconcile/lease-report.ts';
import { Liveness } from './reconcile/liveness.ts';
import { FirstSeen, type OperatorContext } from './reconcile/operator-context.ts';
import { LEASE_DURATION_S } from './resources/lease.ts';
import { GROUP_LABEL } from './resources/names.ts';
import { GroupMetrics } from './serve/group-metrics.ts';
import { OperatorMetrics } from './serve/metrics.ts';
import { OperatorServer } from './serve/server.ts';
import type { OperatorSettings } from './settings.ts';
import { OURS, World } from './world.ts';

export interface OperatorOptions {
  readonly settings: OperatorSettings;
  readonly credentials: Credentials;
  readonly userAgent: string;
  readonly log: OperatorLog;
  /** This process may not go on: another one leads. */
  readonly onLost: (reason: string) => void;
}

/**
 * Requests a second, and at once. What bounds the load is that no more are under way than there are workers; this is
 * for faults that would make requests without end. What people read has a rate of its own: monitors never wait for it.
 */
const WORK_LIMIT = { perSecond: 300, atOnce: 300 };
const TELLING_LIMIT = { perSecond: 50, atOnce: 50 };

/**
 * Groups that die together with the leader's node have to be stood in for soon, so a standby takes over sooner than
 * usual; but an API server that is busy for some seconds is no reason to.
 */
const ELECTION = { leaseMs: 10_000, renewMs: 7000, retryMs: 1500 };

/** Kinds of a group's objects that matter for who polls what; others matter for the group alone. */
const PLANNED_ON: ReadonlySet<string> = new Set([PODS.kind, CONFIG_MAPS.kind, 'StatefulSet']);

/** How often it is looked who has ceased to renew its Lease: ms. */
const PULSE_MS = 500;

/**
 * One operator process. Watching begins at once, so that a standby knows everything when it is elected; deciding and
 * writing begin with the election, and end with it; only dead monitors are no matter for the leader alone.
 */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #transport: KubeTransport;
  readonly #metrics = new OperatorMetrics();
  readonly #groupMetrics = new GroupMetrics(this.#metrics.registry);
  readonly #informers: Informers;
  readonly #world: World;
  readonly #api: KubeApi;
  readonly #tellingApi: KubeApi;
  readonly #events: EventRecorder;
  readonly #election: LeaderElection;
  readonly #probe: LeaseProbe;
  readonly #deadMonitors: DeadMonitors;
  readonly #server: OperatorServer;
  readonly #liveness = new Liveness(LEASE_DURATION_S * 1000);
  /** Members that were live at the last pulse. */
  readonly #live = new Set<string>();
  /** Member → its group and CDN. */
  readonly #homes = new Map<string, { readonly group: string; readonly cdn: CdnName }>();
  /** Kept while another one leads, too: a group that died then is as dead. */
  readonly #firstSeen = new FirstSeen();
  #leading: Leading | null = null;
  #pulse: NodeJS.Timeout | null = null;

  constructor(options: OperatorOptions) {
    const { settings, credentials, userAgent, log } = options;
    this.#options = options;
    const { onExchange } = this.#metrics;
    this.#transport = new KubeTransport({ credentials, userAgent, onExchange });
    const limited = ({ perSecond, atOnce }: typeof WORK_LIMIT): KubeApi =>
      new KubeApi({ transport: this.#transport, limit: new RateLimit(perSecond, atOnce) });
    this.#api = limited(WORK_LIMIT);
    this.#tellingApi = limited(TELLING_LIMIT);
    const unlimited = new KubeApi({ transport: this.#transport, limit: null });
    this.#informers = new Informers({
      api: unlimited,
      log: log.of('watch'),
      observer: this.#metrics.reflectors,
    });
    this.#world = new World(this.#informers, settings.namespace, {
      onGroup: (change) => this.#onGroup(change),
      onLease: (change) => this.#onLease(change),
      onPod: ({ object }) => this.#touchOwner(object, PODS.kind),
      onApplied: (kind, change) => this.#onApplied(kind, change),
    });
    this.#events = new EventRecorder({
      api: this.#tellingApi,
      reporter: { controller: 'trafficcontrol.cdn/traffic-monitor-operator', instance: settings.identity },
      log: log.of('events'),
    });
    this.#election = new LeaderElection({
      api: unlimited,
      namespace: settings.namespace,
      name: settings.leaseName,
      identity: settings.identity,
      log: log.of('election'),
      owner: () => serviceAccountOwner(unlimited, settings),
      timing: ELECTION,
      onElected: () => void this.#lead(),
      onLost: (reason) => void this.#lose(reason),
    });
    this.#probe = new LeaseProbe({
      api: unlimited,
      namespace: settings.namespace,
      labelSelector: OURS,
      liveness: this.#liveness,
      log: log.of('watch'),
      onLease: (object) => this.#onLease({ type: 'added', object }),
      onMissed: () => this.#informers.reopen(),
      nowMs: () => performance.now(),
    });
    this.#deadMonitors = new DeadMonitors({
      api: unlimited,
      liveness: this.#liveness,
      podOf: (member) => {
        const home = this.#homes.get(member);
        return home !== undefined && this.#looksAfter(home.cdn)
          ? this.#world.pods.get(this.#keyOf(member))
          : undefined;
      },
      log,
      onMarked: () => this.#groupMetrics.markedDead(),
      nowMs: () => performance.now(),
      wallMs: () => Date.now(),
    });
    this.#metrics.showLeader(settings.leaseName, () => this.#election.isLeader);
    this.#metrics.showWatched(() => this.#informers.watched);
    this.#server = new OperatorServer({
      notReadyBecause: () => this.#notReadyBecause(),
      metrics: () => this.#metrics.text(),
    });
  }

  /** Ends when everything has been seen once. @throws Error if it cannot listen */
  async start(): Promise<void> {
    const { host, port } = this.#options.settings.listen;
    await this.#server.listen(port, host);
    this.#informers.start();
    await this.#informers.synced();
    this.#election.start();
    this.#pulse = setInterval(() => this.#beat(), PULSE_MS);
  }

  /** Ends the work under way, then gives the leadership back. */
  async stop(): Promise<void> {
    if (this.#pulse !== null) clearInterval(this.#pulse);
    await this.#deadMonitors.stop();
    await this.#leading?.stop();
    this.#leading = null;
    await this.#events.stop();
    await this.#election.stop();
    await this.#informers.stop();
    await this.#server.close();
    await this.#transport.close();
  }

  #notReadyBecause(): string | null {
    const { missing } = this.#informers;
    return missing.length === 0 ? null : `not all is known yet: ${missing.join(', ')}`;
  }

  #lead(): void {
    if (this.#leading !== null) return;
    const leading = new Leading(this.#contextOf(), this.#metrics, this.#election);
    this.#leading = leading;
    for (const group of this.#world.groups.values()) this.#touch(group.metadata.name, group.spec.cdn);
  }

  async #lose(reason: string): Promise<void> {
    const leading = this.#leading;
    this.#leading = null;
    await leading?.stop();
    this.#options.onLost(reason);
  }

  #contextOf(): Omit<OperatorContext, keyof Queues> {
    const { settings, log, userAgent } = this.#options;
    return {
      settings,
      world: this.#world,
      api: this.#api,
      tellingApi: this.#tellingApi,
      applier: new Applier({
        api: this.#api,
        storeOf: (kind) => this.#world.storeOf(kind),
        onApplied: this.#groupMetrics.written,
      }),
      events: this.#events,
      liveness: this.#liveness,
      metrics: this.#groupMetrics,
      log,
      firstSeen: this.#firstSeen,
      nowMs: () => performance.now(),
      wallMs: () => Date.now(),
      userAgent,
    };
  }

  #onGroup({ type, object }: Change<TrafficMonitorGroup>): void {
    const { uid, name } = object.metadata;
    if (type === 'deleted') {
      this.#firstSeen.forget(uid);
      for (const [member, { group }] of this.#homes) if (group === name) this.#forget(member);
    } else this.#firstSeen.of(uid, performance.now());
    this.#touch(name, object.spec.cdn);
  }

  #onApplied(kind: string, { type, object }: Change<KubeObject>): void {
    if (type === 'deleted') {
      this.#firstSeen.forget(object.metadata.uid);
      this.#leading?.context.applier.forget(object, kind);
    }
    this.#touchOwner(object, kind);
  }

  #onLease({ type, object }: Change<Lease>): void {
    const { name, labels } = object.metadata;
    const group = labels?.[GROUP_LABEL];
    if (group === undefined) return;
    if (type === 'deleted') {
      // Its monitor lives on; without a Lease it dies in its own time.
      this.#onApplied(LEASES.kind, { type, object });
      return;
    }
    const nowMs = performance.now();
    const before = this.#liveness.of(name)?.report ?? null;
    const report = leaseReport(object);
    this.#liveness.observe(name, report, nowMs);
    const cdn = this.#cdnOf(groupName(group));
    if (cdn === null) return;
    this.#homes.set(name, { group, cdn });
    // A renewal that says nothing new is nobody's business.
    const isNews =
      before?.appliedRevision !== report?.appliedRevision ||
      before?.polledRevision !== report?.polledRevision ||
      before?.ready !== report?.ready ||
      (before?.unpolled === 0) !== (report?.unpolled === 0);
    if (isNews && this.#looksAfter(cdn)) this.#leading?.heard(this.#keyOf(group), cdn);
  }

  /** Who has come to life since the last time, and who has died. */
  #beat(): void {
    const nowMs = performance.now();
    void this.#probe.beat();
    this.#deadMonitors.look();
    for (const [member, { group, cdn }] of this.#homes) {
      const isLive = this.#liveness.isLive(member, nowMs);
      if (isLive === this.#live.has(member)) continue;
      if (isLive) this.#live.add(member);
      else this.#live.delete(member);
      this.#touch(group, cdn);
    }
  }

  #forget(member: string): void {
    this.#liveness.forget(member);
    this.#homes.delete(member);
    this.#live.delete(member);
  }

  #cdnOf(group: GroupName): CdnName | null {
    const resource = this.#world.groups.get(this.#keyOf(group));
    return resource === undefined ? null : cdnName(resource.spec.cdn);
  }

  #touchOwner({ metadata }: KubeObject, kind: string): void {
    const group = metadata?.labels?.[GROUP_LABEL];
    if (group === undefined) {
      // It belongs to a CDN as a whole.
      for (const cdn of this.#leading?.cdns.cdns ?? []) this.#leading?.cdns.touch(cdn);
      return;
    }
    const cdn = this.#cdnOf(groupName(group));
    if (cdn === null) return;
    if (PLANNED_ON.has(kind)) this.#touch(group, cdn);
    else if (this.#looksAfter(cdn)) this.#leading?.context.groupQueue.add(this.#keyOf(group));
  }

  #touch(group: string, cdn: string): void {
    if (this.#looksAfter(cdn)) this.#leading?.touch(this.#keyOf(group), cdnName(cdn));
  }

  #looksAfter(cdn: string): boolean {
    const { settings } = this.#options;
    return settings.cdn === null || settings.cdn === cdn;
  }

  /** Of a group or a pod. */
  #keyOf(name: string): string {
    return `${this.#options.settings.namespace}/${name}`;
  }
}
