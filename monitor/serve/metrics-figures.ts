import type { PollerName } from '../health/cache-state.ts';
import type { PollTally } from '../poll/poll-tally.ts';
import { bandwidthKbps, capacityKbps } from './counts.ts';
import type { GroupFigures, MonitorFigures } from './metrics-values.ts';
import type { Served } from './routes.ts';

/** Reads the monitor for one scrape. */
export function monitorFigures(
  served: Served,
  tallies: Readonly<Record<PollerName, PollTally>>,
  ready: boolean,
): MonitorFigures {
  const { identity, states, combined, peering, statistics } = served;
  const { monitor, ops } = served.settings();
  const trafficOps = served.trafficOps();
  const { traffic } = statistics;
  const pollers: readonly PollerName[] = monitor.statPolling ? ['health', 'stat'] : ['health'];
  const nowMs = Date.now();
  return {
    nowMs,
    identity,
    nodeVersion: process.version,
    cdn: trafficOps.cdn ?? ops.cdnName,
    gateOpen: served.closedBecause() === null,
    ready,
    errors: served.errors(),
    events: served.events.revision,
    caches: states.sorted,
    isAvailable: ({ subject }) => combined.get(subject.name)?.isAvailable ?? false,
    isOverridden: ({ subject }) => combined.get(subject.name)?.isOverridden ?? false,
    peers: peering.states.sorted,
    groups: groupFigures(served, nowMs),
    quorum: peering.quorumProblem(nowMs) === null,
    quorumMinimum: Math.max(0, monitor.peerOptimisticQuorumMin),
    deliveryServices: combined.deliveryServices,
    bandwidthKbps: monitor.statPolling ? traffic.totalKbps : Number(bandwidthKbps(states.sorted)),
    capacityKbps: monitor.statPolling ? traffic.totalCapacityKbps : Number(capacityKbps(states.sorted)),
    polls: new Map(pollers.map((poller) => [poller, tallies[poller]])),
    pollIntervalMs: served.healthIntervalMs(),
    snapshot: served.snapshot(),
    trafficOps,
  };
}

function groupFigures({ groups, groupsView }: Served, nowMs: number): GroupFigures | null {
  if (groups === null) return null;
  const { view } = groupsView(nowMs);
  if (view.mode === 'legacy') return null;
  const { refusals, leaving, silentGroups } = groups;
  return {
    group: view.group ?? '',
    handovers: view.handovers.length,
    revision: view.revision,
    groups: view.groups,
    silentGroups,
    refusals,
    isRefused: view.refused !== null,
    leaving,
  };
}
