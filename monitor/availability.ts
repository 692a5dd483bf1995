import { type CacheName, type MonitorName, monitorName } from '../common/ids.ts';
import { steadyMs } from '../common/steady-clock.ts';
import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import type { Settings } from './config/settings.ts';
import { shortHostname } from './config/short-hostname.ts';
import { DistributedPolling } from './distributed-polling.ts';
import { legacyView } from './groups/legacy-view.ts';
import { CacheStates } from './health/cache-states.ts';
import { Contact } from './health/contact.ts';
import { DeliveryServiceStates } from './health/delivery-service-states.ts';
import type { AvailabilityEvent } from './health/events.ts';
import { Gate, type GateScope } from './health/gate.ts';
import type { AppliedConfig } from './health-config.ts';
import type { MonitorLogs } from './log/logs.ts';
import { Peering } from './peering.ts';
import { CombinedStates } from './peers/combined-states.ts';
import { planPeers } from './poll/peer-targets.ts';
import type { PollingParameters } from './poll/polling-parameters.ts';
import { type Identity, userAgentOf } from './serve/identity.ts';
import type { ServedGroupsView } from './serve/routes.ts';
import { StatisticsExchange } from './statistics-exchange.ts';
import type { Statistics } from './stats/statistics.ts';

export interface AvailabilityOptions {
  readonly identity: Identity;
  readonly settings: () => Settings;
  readonly logs: MonitorLogs;
  readonly statistics: Statistics;
  /** Whether routers should be sent here. */
  readonly isReady: () => boolean;
  readonly onEvent: (event: AvailabilityEvent) => void;
  readonly onError: (component: string, message: string) => void;
  /** A fault of this program in taking in what others say. */
  readonly onFault: (error: unknown) => void;
  /** The snapshot is to be applied again: another assignment is in force. */
  readonly onAssignment: () => void;
  /** Other caches than before are polled here, under the same assignment. */
  readonly onDuties: () => void;
}

/** A snapshot, and what was made of it. */
export interface AppliedSnapshot {
  readonly snapshot: Snapshot;
  readonly config: AppliedConfig;
  readonly parameters: PollingParameters;
}

const NONE: ReadonlySet<CacheName> = new Set();

/**
 * health → peers → groups: what this monitor sees of the caches, what its peers and the other groups say of them, and
 * whether it knows enough to tell.
 */
export class Availability {
  readonly states: CacheStates;
  readonly contact = new Contact();
  readonly peering: Peering;
  readonly combined: CombinedStates;
  /** null: legacy mode. */
  readonly distributed: DistributedPolling | null;
  /** null: legacy mode, or no statistics. */
  readonly exchange: StatisticsExchange | null;
  readonly #gate: Gate;
  readonly #options: AvailabilityOptions;

  constructor(options: AvailabilityOptions) {
    this.#options = options;
    const { statistics, settings, onEvent, onFault } = options;
    const { statPolling, distributedPolling } = settings().monitor;
    this.states = new CacheStates(onEvent, (state, timeMs) => this.combined.localChanged(state, timeMs));
    this.peering = new Peering({
      userAgent: userAgentOf(options.identity),
      seed: `${this.self} peer`,
      onEvent,
      onChange: (change, timeMs) => {
        // What is taken over from members has to be in place before it is combined with what they say.
        this.distributed?.membersChanged(change.caches, timeMs);
        this.combined.peersChanged(change, timeMs);
      },
      onResult: (polled) => this.distributed?.memberPolled(polled),
      onFault,
    });
    this.combined = new CombinedStates({
      peers: this.peering.states,
      deliveryServices: statPolling ? statistics.services : new DeliveryServiceStates(onEvent),
      onEvent,
    });
    this.distributed = distributedPolling ? this.#newDistributed() : null;
    this.exchange = this.distributed !== null && statPolling ? this.#newExchange(this.distributed) : null;
    this.#gate = new Gate(
      this.states,
      () => this.peering.unasked() ?? this.exchange?.unasked() ?? null,
      () => this.contact.lostBecause(steadyMs()),
    );
  }

  /** The name of this monitor. */
  get self(): MonitorName {
    return monitorName(shortHostname(this.#options.settings()));
  }

  /** Caches that other monitors poll; none in legacy mode. */
  get elsewhere(): ReadonlySet<CacheName> {
    return this.distributed?.elsewhere ?? NONE;
  }

  /**
   * Works out from a snapshot who polls what; `apply` follows.
   *
   * @throws AssignmentMissing if that cannot be known; then everything stays as it is
   */
  assign({ snapshot, config, parameters }: AppliedSnapshot, nowMs: number): void {
    this.distributed?.configure(snapshot, config.health.subjects, parameters, nowMs);
  }

  /** Takes over a snapshot for which `assign` did not throw. @returns warnings for people */
  apply({ snapshot, config, parameters }: AppliedSnapshot, nowMs: number): readonly string[] {
    const { healthProtocol } = this.#options.settings().monitor;
    this.states.apply({ ...config.health, polledElsewhere: this.elsewhere }, nowMs);
    const warnings = this.#applyPeers(snapshot, parameters, nowMs);
    this.combined.apply(this.states.sorted, config.health.deliveryServices, healthProtocol, nowMs);
    return warnings;
  }

  /** Other caches than before are polled here, under the same snapshot and assignment. */
  share(): void {
    this.states.share(this.elsewhere);
  }

  /** Why nothing may be told of these caches now, for people; null: it may. */
  closedBecause(scope: GateScope = 'all'): string | null {
    const closed = this.#gate.closedBecause(scope);
    return closed !== null && !this.states.isConfigured
      ? (this.distributed?.sources.waitsFor ?? closed)
      : closed;
  }

  /** Who polls what, for people. @param snapshot the one in force */
  groupsView(snapshot: Snapshot | null, nowMs: number): ServedGroupsView {
    const view = this.distributed?.view(nowMs);
    if (view !== undefined && view !== null) return view;
    const { cdn = null, monitoring = null } = snapshot ?? {};
    return {
      view: legacyView(cdn, monitoring, this.self, this.peering.states, nowMs),
      groupOf: () => null,
    };
  }

  /** Asks nobody any more. */
  async stop(): Promise<void> {
    this.peering.stop();
    await this.distributed?.stop();
    await this.exchange?.stop();
  }

  /** Whom to ask what they see: peers, and in distributed mode the other groups. @returns warnings for people */
  #applyPeers({ monitoring }: Snapshot, parameters: PollingParameters, nowMs: number): readonly string[] {
    const { monitor } = this.#options.settings();
    const { peers, warnings } = this.distributed?.memberPlan ?? planPeers(monitoring, this.self);
    const manner = {
      accept: monitor.httpPollingFormat,
      maxBodyBytes: monitor.maxBodyBytes,
      intervalMs: parameters.peerIntervalMs,
      timeoutMs: monitor.httpTimeoutMs,
      keepAlive: parameters.peerKeepAlive,
    };
    this.peering.apply({ targets: peers, manner, quorumMin: monitor.peerOptimisticQuorumMin }, nowMs);
    this.distributed?.askGroups(manner);
    const assignment = this.distributed?.assignment ?? null;
    if (assignment !== null) this.exchange?.ask(assignment.document, manner, parameters);
    return warnings;
  }

  #newDistributed(): DistributedPolling {
    const { identity, settings, logs, isReady, onError, onFault, onEvent, onAssignment, onDuties } =
      this.#options;
    return new DistributedPolling({
      self: this.self,
      settings,
      userAgent: userAgentOf(identity),
      startedMs: identity.startedMs,
      isReady,
      log: logs.for('groups'),
      onError: (message) => onError('groups', message),
      onFault,
      onEvent,
      states: this.states,
      contact: this.contact,
      members: this.peering.states,
      onAssignment,
      onDuties,
    });
  }

  #newExchange(groups: DistributedPolling): StatisticsExchange {
    const { identity, logs, statistics, onFault } = this.#options;
    return new StatisticsExchange({
      self: this.self,
      userAgent: userAgentOf(identity),
      statistics,
      log: logs.for('statistics'),
      isGroupsWord: (cache) => groups.isGroupsWord(cache),
      onFault,
    });
  }
}
