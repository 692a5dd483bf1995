/** What the page's modules pass to each other; nothing of this reaches the browser. */

/** `available`, `down`: as routers are told; `waiting`: not polled yet; `out`: not to be used, by its status. */
export type Condition = 'available' | 'down' | 'waiting' | 'out';

/** One cache, as a row shows it. */
export interface Cache {
  name: string;
  cachegroup: string;
  type: string;
  status: string;
  condition: Condition;
  /** This monitor sees it otherwise than its peers, who prevail. */
  isDisputed: boolean;
  /** null: it has no such address. */
  ipv4: boolean | null;
  ipv6: boolean | null;
  loadAverage: number | null;
  kbps: number | null;
  capacityKbps: number;
  connections: number;
  healthMs: number;
  lastPollMs: number | null;
  reason: string;
  /** Lower case, all that the text filter looks at. */
  searched: string;
  /** When the page last saw its condition change; 0: not since it was opened. */
  changedMs: number;
}

/** `/api/caches`. */
export interface CacheTableDocument {
  fields: string[];
  cachegroups: string[];
  rows: unknown[][];
}

export type SortKey =
  | 'condition'
  | 'name'
  | 'cachegroup'
  | 'type'
  | 'reason'
  | 'loadAverage'
  | 'kbps'
  | 'use'
  | 'connections'
  | 'healthMs'
  | 'polledBy';

export type ViewName = 'caches' | 'services' | 'groups' | 'events' | 'routes';

/** Which part of the caches is shown, and in which order. */
export interface CacheFilter {
  text: string;
  cachegroup: string;
  type: string;
  condition: Condition | '';
  sort: SortKey;
  descending: boolean;
}

/** All that the URL's fragment says, so that what one sees can be sent to a colleague. */
export interface PageState extends CacheFilter {
  view: ViewName;
  /** Name of the cache whose details are open; empty: none. */
  cache: string;
}

/** `/api/overview`. */
export interface Overview {
  monitor: string;
  version: string;
  cdn: string;
  trafficOps: string;
  isTrafficOpsReachable: boolean;
  trafficOpsError: string | null;
  usingDummyTO: boolean;
  startedMs: number;
  nowMs: number;
  closedBecause: string | null;
  quorumProblem: string | null;
  statPolling: boolean;
  healthIntervalMs: number;
  snapshot: { source: string; dateMs: number | null; acceptedMs: number | null } | null;
  caches: { all: number; available: number; down: number; outOfService: number; unpolled: number };
  bandwidthKbps: number;
  capacityKbps: number;
}

/** An element of `/api/delivery-services`. */
export interface DeliveryService {
  xmlId: string;
  type: string | null;
  isAvailable: boolean;
  reason: string;
  caches: number;
  cachesAvailable: number;
  kbps: number | null;
  tps: number | null;
  cachegroups: number;
  cachegroupsDown: string[];
}

/** An event, of `/api/events`. */
export interface MonitorEvent {
  time: number;
  index: number;
  description: string;
  name: string;
  type: string;
  isAvailable: boolean;
}

export interface HistoryPoll {
  timeMs: number;
  isAvailable: boolean;
  isAnswered: boolean;
  loadAverage: number;
  kbpsOut: number;
  durationMs: number;
}

export interface PollerDetail {
  lastMs: number | null;
  error: string | null;
  spanMs: number;
  goodDurationMs: number;
  goodPolls: number;
}

/** `/api/cache`. */
export interface CacheDetail {
  name: string;
  fqdn: string;
  port: number;
  cachegroup: string;
  profile: string;
  type: string;
  status: string;
  deliveryServices: string[];
  isAvailable: boolean | null;
  own: {
    isAvailable: boolean;
    ipv4Available: boolean;
    ipv6Available: boolean;
    reason: string;
    poller: string | null;
    timeMs: number | null;
    from: string | null;
    receivedMs: number | null;
  } | null;
  isPolledHere: boolean;
  hasIpv4: boolean;
  hasIpv6: boolean;
  loadAverage: number | null;
  kbps: number | null;
  capacityKbps: number;
  connections: number;
  health: PollerDetail;
  stat: PollerDetail;
  thresholds: { stat: string; comparator: string; value: number }[];
  interfaces: {
    name: string;
    isMonitored: boolean;
    status: string;
    isAvailable: boolean;
    kbps: number;
    speedKbps: number | null;
    maxBandwidthKbps: number | null;
    addresses: { address: string; isService: boolean }[];
  }[];
}

export interface Opinion {
  value: boolean;
  ipv4Available: boolean;
  ipv6Available: boolean;
}

/** `/publish/PeerStates` and `/publish/DistributedPeerStates`. */
export interface PeerStates {
  peers: Record<string, Record<string, Opinion[]>>;
}

export interface GroupMember {
  name: string;
  host: string;
  port: number;
  self: boolean;
  live: boolean;
  lastSeenMs: number | null;
}

export interface MonitorGroup {
  name: string;
  own: boolean;
  cachegroups: string[];
  members: GroupMember[];
  reachable: boolean;
  ageMs: number | null;
}

/** `/api/monitor-groups`. */
export interface MonitorGroups {
  cdn: string;
  mode: 'legacy' | 'distributed';
  group: string;
  revision: number | null;
  source: string;
  groups: MonitorGroup[];
  /** The last document that could not be used. */
  refused: { source: string; reason: string; time: string } | null;
  handovers: { cachegroup: string; from: string; to: string }[];
  /** `standIn` polls it while `home` is down. */
  failovers: { cachegroup: string; home: string; standIn: string }[];
  caches?: Record<
    string,
    { cachegroup: string; group: string; from: string; direct: boolean; ageMs: number | null }
  >;
}
