import { isDeepStrictEqual, promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { systemClock } from '../../common/clock.ts';
import type { CdnName } from '../../common/ids.ts';
import type { ConfigMap } from '../../common/kube/objects.ts';
import type { Log } from '../../common/log.ts';
import { messageOf } from '../../common/message-of.ts';
import { type BackupDocuments, decodeBackup } from '../../common/traffic-ops/backup-files.ts';
import {
  TrafficOpsFeed,
  type TrafficOpsFeedOptions,
  type TrafficOpsStatus,
} from '../../common/traffic-ops/feed.ts';
import { KeptDocument } from '../../common/traffic-ops/kept-document.ts';
import type { Snapshot } from '../../common/traffic-ops/monitoring.ts';
import type { Connection } from '../../common/traffic-ops/session.ts';
import { pieceNames } from '../../common/traffic-ops/snapshot-pieces.ts';
import { SEED_FILES } from '../../common/traffic-ops/snapshot-seed.ts';
import type { TrafficOpsFacts } from './group-conditions.ts';

const pack = promisify(gzip);

export interface KeeperOptions {
  readonly cdn: CdnName;
  readonly url: string;
  /** Reads credentials anew. */
  readonly connect: (signal: AbortSignal) => Promise<Connection>;
  readonly userAgent: string;
  /** For so long a snapshot is held back that lacks many of the caches in force, in ms; 0: not at all. */
  readonly shrinkHoldMs: number;
  /** The ConfigMaps in which the last snapshot was kept, in any order. */
  readonly kept: readonly ConfigMap[];
  readonly log: Log;
  /** There is another snapshot, or something else to tell of Traffic Ops. */
  readonly onChange: () => void;
  /** How Traffic Ops is, about once a second. */
  readonly onStatus: (status: TrafficOpsStatus) => void;
}

export interface PackedSnapshot {
  readonly monitoring: Uint8Array;
  readonly crConfig: Uint8Array;
}

/** How often it is looked how Traffic Ops is, and for credentials while there are none: ms. */
const STATUS_EVERY_MS = 1000;

/** While Traffic Ops does not let us in, credentials are read anew that often: ms. */
const RECONNECT_EVERY_MS = 15_000;

/** Follows the snapshots of one CDN; the last good one stays, over restarts of the operator too. */
export class SnapshotKeeper {
  readonly #options: Omit<KeeperOptions, 'kept'>;
  readonly #stop = new AbortController();
  /** For the feed; null: it has it, or there was none. */
  #seed: BackupDocuments | null = null;
  #feed: TrafficOpsFeed | null = null;
  #snapshot: Snapshot | null = null;
  #packed: PackedSnapshot | null = null;
  /** Why there are no credentials; null: there are. */
  #connectProblem: string | null = null;
  /** When credentials may be read next: steady clock, ms. */
  #reconnectMs = 0;
  #connection: Connection | null = null;
  #told = '';
  #running: Promise<void> = Promise.resolve();

  constructor({ kept, ...options }: KeeperOptions) {
    this.#options = options;
    // In force at once: plans must not wait for Traffic Ops, which may be away for long.
    const found = recovered(kept, options);
    if (found === null) return;
    const { monitoring, crConfig } = found.documents;
    this.#seed = found.documents;
    this.#snapshot = { cdn: options.cdn, monitoring, crConfig, source: 'backup' };
    this.#packed = found.packed;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#feed?.stop();
  }

  /** The one in force; null: there was never one. */
  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  /** The one in force as it is kept in ConfigMaps; null: there is none yet. */
  get packed(): PackedSnapshot | null {
    return this.#packed;
  }

  get status(): TrafficOpsStatus | null {
    return this.#feed?.status ?? null;
  }

  get facts(): TrafficOpsFacts {
    const { url } = this.#options;
    const date = this.#snapshot?.crConfig.stats.date;
    // When it was made, which people compare; not when it was accepted, which changes with every poll.
    const snapshotDate = date === undefined ? 'unknown date' : new Date(date * 1000).toISOString();
    const acceptedAt = this.#snapshot === null ? null : snapshotDate;
    if (this.#connectProblem !== null)
      return { url, reachable: false, acceptedAt, problem: this.#connectProblem, isHeldBack: false };
    const { trafficOpsReachable = false, lastError = null, heldBackCaches = 0 } = this.status ?? {};
    return {
      url,
      reachable: trafficOpsReachable,
      acceptedAt,
      problem: lastError,
      isHeldBack: heldBackCaches > 0,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const isIn = this.#feed !== null && this.status?.trafficOpsReachable === true;
      if (!isIn && performance.now() >= this.#reconnectMs) await this.#connect(signal);
      this.#tellStatus();
      await systemClock.sleep(STATUS_EVERY_MS, signal);
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    this.#reconnectMs = performance.now() + RECONNECT_EVERY_MS;
    try {
      const connection = await this.#options.connect(signal);
      this.#connectProblem = null;
      if (this.#feed === null) {
        this.#feed = new TrafficOpsFeed(this.#feedOptions(connection));
        this.#feed.start();
      } else if (!isDeepStrictEqual(connection, this.#connection)) {
        this.#feed.reconfigure(this.#feedOptions(connection));
      }
      this.#connection = connection;
    } catch (error) {
      if (signal.aborted) return;
      this.#connectProblem = messageOf(error);
      this.#reconnectMs = 0;
    }
  }

  #feedOptions(connection: Connection): TrafficOpsFeedOptions {
    const { cdn, userAgent, log } = this.#options;
    return {
      connection,
      configuredCdn: cdn,
      monitorName: '',
      userAgent,
      retry: { minMs: 500, maxMs: 10_000, diskAfterFailures: 1 },
      fallbackIntervalMs: 5000,
      shrinkHoldMs: this.#options.shrinkHoldMs,
      historyCount: 1,
      log,
      takeSeed: () => {
        const seed = this.#seed;
        this.#seed = null;
        return seed;
      },
      onSnapshot: (snapshot, monitoringDocument) => this.#take(snapshot, monitoringDocument),
    };
  }

  async #take(snapshot: Snapshot, monitoringDocument: KeptDocument): Promise<void> {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    this.#options.onChange();
    const isPacked = before?.monitoring === snapshot.monitoring && before.crConfig === snapshot.crConfig;
    if (this.#packed !== null && isPacked) return;
    // The documents as Traffic Ops sent them: what a monitor is started from without it.
    const monitoring = await pack(await monitoringDocument.unpackAside(), { level: 9 });
    const crConfig = await pack(await snapshot.crConfig.document.unpackAside(), { level: 9 });
    this.#packed = { monitoring, crConfig };
    this.#options.onChange();
  }

  #tellStatus(): void {
    const { status } = this;
    if (status !== null) this.#options.onStatus(status);
    const now = JSON.stringify(this.facts);
    if (now === this.#told) return;
    this.#told = now;
    this.#options.onChange();
  }
}

interface RecoveredSnapshot {
  readonly documents: BackupDocuments;
  readonly packed: PackedSnapshot;
}

/** The snapshot that was kept in ConfigMaps; null: none, or one that cannot be used. */
function recovered(
  kept: readonly ConfigMap[],
  { log, cdn }: Pick<KeeperOptions, 'log' | 'cdn'>,
): RecoveredSnapshot | null {
  if (kept.length === 0) return null;
  try {
    const packed = {
      monitoring: joined(kept, SEED_FILES.monitoring),
      crConfig: joined(kept, SEED_FILES.crConfig),
    };
    const documents = decodeBackup(unpacked(packed.monitoring), unpacked(packed.crConfig), {
      monitoring: 'the kept monitoring config',
      crConfig: 'the kept snapshot',
    });
    const other = documents.crConfig.stats.CDN_name;
    if (other !== cdn) throw new Error(`it is of CDN ${other}`);
    return { documents, packed };
  } catch (error) {
    log.warning(
      `the snapshot kept in ConfigMaps cannot be used: ${messageOf(error)}; waiting for Traffic Ops`,
    );
    return null;
  }
}

const unpacked = (packed: Buffer): KeptDocument => new KeptDocument(gunzipSync(packed));

/** The pieces of one document, put together. */
function joined(maps: readonly ConfigMap[], document: string): Buffer {
  const all = new Map(maps.flatMap(({ binaryData = {} }) => Object.entries(binaryData)));
  const pieces = pieceNames(all.keys(), document).map((name) => Buffer.from(all.get(name) ?? '', 'base64'));
  return Buffer.concat(pieces);
}
