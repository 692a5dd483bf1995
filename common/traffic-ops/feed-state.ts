import type { CdnName } from '../ids.ts';
import type { PreviousCrConfig } from './cr-config.ts';
import type { KeptDocument } from './kept-document.ts';
import type { Snapshot } from './monitoring.ts';
import { ShrinkGuard } from './shrink-guard.ts';
import { SnapshotHistory } from './snapshot-history.ts';

/** The snapshot in force. */
export interface Accepted {
  readonly snapshot: Snapshot;
  readonly monitoringDocument: KeptDocument;
  /** When it was last accepted, also unchanged; milliseconds since 1970. */
  readonly acceptedAt: number;
}

/** What the feed knows about itself and Traffic Ops. */
export interface TrafficOpsStatus {
  /** The CDN that is asked for; undefined while unknown. */
  readonly cdn: CdnName | undefined;
  /** Went on without a login to Traffic Ops, as ConfigDoc shows it. */
  readonly usingDummyTo: boolean;
  /** What went wrong last; null: the last attempt went well. */
  readonly lastError: string | null;
  /** The last attempt got its answers, be they acceptable or not. */
  readonly trafficOpsReachable: boolean;
  /** When the snapshot in force was last accepted, also unchanged; milliseconds since 1970. */
  readonly acceptedAt: number | null;
  /** `ip:port` of Traffic Ops in its last good answer, empty if there was none. */
  readonly remoteAddress: string;
  /** How many caches the snapshot lacks that is held back for that; 0: none is. */
  readonly heldBackCaches: number;
}

/** What outlives a change of the configuration. */
export class FeedState {
  readonly history: SnapshotHistory;
  readonly shrinkGuard = new ShrinkGuard();
  accepted: Accepted | undefined;
  /** What Traffic Ops said is our CDN. */
  confirmedCdn: CdnName | undefined;
  usingDummyTo = false;
  lastError: string | null = null;
  reachable = false;
  remoteAddress = '';

  constructor(historyCount: number) {
    this.history = new SnapshotHistory(historyCount);
  }

  /** The CDN to ask for: what Traffic Ops said, else the configured one, else that of the snapshot in force. */
  cdn(configured: CdnName | undefined): CdnName | undefined {
    return this.confirmedCdn ?? configured ?? this.accepted?.snapshot.cdn;
  }

  /** What a new snapshot of this CDN must not be older than. */
  previousOf(cdn: CdnName): PreviousCrConfig | undefined {
    if (this.accepted?.snapshot.cdn !== cdn) return undefined;
    return { stats: this.accepted.snapshot.crConfig.stats, acceptedAt: this.accepted.acceptedAt };
  }

  status(configured: CdnName | undefined): TrafficOpsStatus {
    return {
      cdn: this.cdn(configured),
      usingDummyTo: this.usingDummyTo,
      lastError: this.lastError,
      trafficOpsReachable: this.reachable,
      acceptedAt: this.accepted?.acceptedAt ?? null,
      remoteAddress: this.remoteAddress,
      heldBackCaches: this.shrinkGuard.missing,
    };
  }
}

/** Nothing in it changed: decoded documents are kept while they are the same, so identity tells. */
export function isSameSnapshot(old: Snapshot | undefined, fresh: Snapshot): boolean {
  return (
    old !== undefined &&
    old.cdn === fresh.cdn &&
    old.source === fresh.source &&
    old.monitoring === fresh.monitoring &&
    old.crConfig === fresh.crConfig
  );
}
