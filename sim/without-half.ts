import type { TrafficOpsContent } from './traffic-ops.ts';

/** The same CDN with every other cache left out, as if its database had been restored by half. */
export function withoutHalf(content: TrafficOpsContent): TrafficOpsContent {
  const { monitoring, snapshot } = content;
  const trafficServers = monitoring.trafficServers.filter((_, index) => index % 2 === 0);
  const left = new Set<string>(trafficServers.map(({ hostname }) => hostname));
  const contentServers = Object.fromEntries(
    Object.entries(snapshot.contentServers).filter(([name]) => left.has(name)),
  );
  return {
    ...content,
    monitoring: { ...monitoring, trafficServers },
    snapshot: { ...snapshot, contentServers },
  };
}
