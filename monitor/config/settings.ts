/** Which IP family caches are polled over. */
export type PollingProtocol = 'ipv4only' | 'ipv6only' | 'both';

/** How the verdicts of this monitor and its peers become one: up if anybody sees it up, or only if all do. */
export type HealthProtocol = 'optimistic' | 'pessimistic';

/** Where a log goes; `null` is off. */
export type LogLocation =
  | { readonly to: 'stdout' | 'stderr' | 'null' }
  | { readonly to: 'file'; readonly path: string };

export type LogName = 'access' | 'debug' | 'error' | 'event' | 'info' | 'warning';

/** Where metrics are sent by UDP. */
export interface StatsdAddress {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `traffic_monitor.cfg` with defaults applied: reference 1.2, and our own keys, docs/configuration.md. */
export interface MonitorSettings {
  /** Ours: the assignment document; null: none, see `distributedPolling`. */
  readonly assignmentFile: string | null;
  /** Ours: the ConfigMap with the assignment document; null: none is followed. */
  readonly assignmentConfigMap: string | null;
  readonly cachePollingProtocol: PollingProtocol;
  readonly crConfigBackupFile: string;
  readonly tmConfigBackupFile: string;
  readonly crConfigHistoryCount: number;
  /** Poll the own group's cachegroups only. */
  readonly distributedPolling: boolean;
  /** Ours: silence after which another group's caches are polled here, in ms; 0: never. */
  readonly groupFailoverMs: number;
  /** Ours: how long a cache is polled here although its new owner answers without knowing it, in ms. */
  readonly handoverTimeoutMs: number;
  readonly statPolling: boolean;
  readonly healthFlushIntervalMs: number;
  readonly statFlushIntervalMs: number;
  readonly statBufferIntervalMs: number;
  /** `Accept` header of polls. */
  readonly httpPollingFormat: string;
  /** Peer polls only; a cache poll has its profile's timeout. */
  readonly httpTimeoutMs: number;
  readonly logs: Readonly<Record<LogName, LogLocation>>;
  readonly maxEvents: number;
  readonly monitorConfigPollingIntervalMs: number;
  /** Ours. */
  readonly healthProtocol: HealthProtocol;
  /** 0 or negative: no quorum rule. */
  readonly peerOptimisticQuorumMin: number;
  readonly serveReadTimeoutMs: number;
  readonly serveWriteTimeoutMs: number;
  /** Ours: where the files for the Kubernetes API are. */
  readonly serviceAccountDir: string;
  /** Empty: the operating system's short host name. */
  readonly shortHostnameOverride: string;
  /** Ours: where a packed snapshot lies for a start without Traffic Ops and without backup files; null: nowhere. */
  readonly snapshotSeedDir: string | null;
  readonly snapshotShrinkHoldMs: number;
  /** null: the page that comes with this monitor. */
  readonly staticFileDir: string | null;
  readonly trafficOpsDiskRetryMax: number;
  readonly trafficOpsMinRetryIntervalMs: number;
  readonly trafficOpsMaxRetryIntervalMs: number;
  /** Ours: a larger answer of a cache, packed or unpacked, is a failed poll. */
  readonly maxBodyBytes: number;
  /** Ours: how long to go on serving after SIGTERM. */
  readonly drainMs: number;
  /** Ours: tell of single caches in metrics. */
  readonly metricsPerCache: boolean;
  /** Ours; null: nothing is sent. */
  readonly statsdAddress: StatsdAddress | null;
  readonly statsdIntervalMs: number;
}

/** `traffic_ops.cfg` with defaults applied: reference 1.3. */
export interface OpsSettings {
  readonly username: string;
  readonly password: string;
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly insecure: boolean;
  /** Empty: only Traffic Ops can tell. */
  readonly cdnName: string;
  /** As in the file, e.g. `:80` or `127.0.0.1:8080`. */
  readonly httpListener: string;
  /** Empty: no HTTPS. */
  readonly httpsListener: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Everything that one start or one SIGHUP reads. Never changed, only replaced. */
export interface Settings {
  readonly monitor: MonitorSettings;
  readonly ops: OpsSettings;
}
