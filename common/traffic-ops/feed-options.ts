import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { BackupDocuments, BackupPaths } from './backup-files.ts';
import type { KeptDocument } from './kept-document.ts';
import type { Snapshot } from './monitoring.ts';
import type { Connection } from './session.ts';

export interface TrafficOpsFeedOptions {
  readonly connection: Connection;
  /** Used until Traffic Ops tells the CDN of `monitorName`; empty: none. */
  readonly configuredCdn: string;
  /** Short host name under which Traffic Ops knows this monitor; empty: do not ask, `configuredCdn` is right. */
  readonly monitorName: string;
  /** E.g. `traffic_monitor/8.1.0`. */
  readonly userAgent: string;
  /** undefined: keep no copies on disk. */
  readonly backupFiles?: BackupPaths | undefined;
  /**
   * Gives what is in force from the start, as if accepted just now, so that nothing older replaces it; null: nothing.
   * Asked for once: whoever gives it need not keep it. Absent: nothing.
   */
  readonly takeSeed?: () => BackupDocuments | null;
  /**
   * The backup files are in force from the start, where there are any: somebody keeps them up to date, and what Traffic
   * Ops says first must not be older either, nor lack many caches. Absent: only when Traffic Ops does not do.
   */
  readonly startsFromBackups?: boolean;
  readonly retry: {
    /** Shortest and longest wait after a failed login. */
    readonly minMs: number;
    readonly maxMs: number;
    /** After one failed login more than this, the backup files do. */
    readonly diskAfterFailures: number;
  };
  /** Time between polls unless Traffic Ops says `tm.polling.interval`. */
  readonly fallbackIntervalMs: number;
  /** For so long a snapshot is held back that lacks many of the caches in force, in ms; 0: not at all. */
  readonly shrinkHoldMs: number;
  /** Entries of `history()`, at least 1. */
  readonly historyCount: number;
  readonly log: Log;
  /**
   * Called with each snapshot that differs from the one before, in order, and awaited: never twice at a time. Documents
   * that did not change are the same objects as before. What it throws is logged; the snapshot counts as taken. It must
   * not await `stop()`, which waits for it. `monitoringDocument`: the monitoring config as Traffic Ops sent it.
   */
  readonly onSnapshot: (snapshot: Snapshot, monitoringDocument: KeptDocument) => void | Promise<void>;
  /** Deadline of one exchange with Traffic Ops; default 10,000 as the contract has it. */
  readonly requestTimeoutMs?: number;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests: uniform in [0, 1). */
  readonly random?: () => number;
}
