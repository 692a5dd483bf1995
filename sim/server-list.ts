import type { MonitoringParts } from './monitoring-document.ts';

/** One server as `GET /api/5.0/servers` has it, without what a monitor never reads. */
export interface ServerRecord {
  readonly id: number;
  readonly hostName: string;
  readonly domainName: string;
  readonly cdn: string;
  readonly cdnID: number;
  readonly cacheGroup: string;
  readonly profiles: readonly string[];
  readonly status: string;
  readonly tcpPort: number;
  readonly type: string;
}

/** Every server of the CDN, OFFLINE ones included. */
export function buildServerList(
  parts: MonitoringParts & { readonly cdn: string; readonly domain: string },
): ServerRecord[] {
  const shared = { domainName: parts.domain, cdn: parts.cdn, cdnID: 2 };
  const servers = [
    ...parts.monitors.map((monitor) => ({ ...monitor, type: 'RASCAL', profile: 'RASCAL_MONITOR' })),
    ...parts.caches,
  ];
  return servers.map(({ name, cachegroup, profile, status, port, type }, index) => ({
    id: index + 1,
    hostName: name,
    ...shared,
    cacheGroup: cachegroup,
    profiles: [profile],
    status,
    tcpPort: port,
    type,
  }));
}

/** The same server in the words of API 4.x. */
export function inVersion4(server: ServerRecord): Record<string, unknown> {
  const { cdn, cdnID, cacheGroup, profiles, ...rest } = server;
  return { ...rest, cdnName: cdn, cdnId: cdnID, cachegroup: cacheGroup, profileNames: profiles };
}
