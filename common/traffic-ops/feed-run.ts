import { type Clock, systemClock } from '../clock.ts';
import { type CdnName, cdnName } from '../ids.ts';
import { loginDelayMs, mayUseDisk, pollIntervalMs } from './backoff.ts';
import { type BackupDocuments, BackupFiles } from './backup-files.ts';
import { CdnFinder } from './cdn-finder.ts';
import { TrafficOpsClient } from './client.ts';
import { crConfigProblem, decodeCrConfig } from './cr-config.ts';
import { decodeMonitoringBytes } from './decode-monitoring.ts';
import { DecodeOnce } from './decode-once.ts';
import { messageOf, TrafficOpsError } from './errors.ts';
import type { TrafficOpsFeedOptions } from './feed-options.ts';
import { FeedReport } from './feed-report.ts';
import { type FeedState, isSameSnapshot } from './feed-state.ts';
import type { KeptDocument } from './kept-document.ts';
import type { CrConfigStats, Snapshot } from './monitoring.ts';

/** How the Go Traffic Monitor writes in the history that it went on with a copy of its own. */
const OWN_COPY = '127.0.0.1';

/** Traffic Ops answered, but with a snapshot that must not replace the one in force. */
class SnapshotRefused extends Error {
  readonly stats: CrConfigStats;
  readonly remoteAddress: string;

  constructor(problem: string, stats: CrConfigStats, remoteAddress: string) {
    super(problem);
    this.stats = stats;
    this.remoteAddress = remoteAddress;
  }
}

/** The loop of the feed for one configuration: log in, then poll until the signal is aborted. */
export class FeedRun {
  readonly #options: TrafficOpsFeedOptions;
  readonly #state: FeedState;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #client: TrafficOpsClient;
  readonly #report: FeedReport;
  readonly #cdnFinder: CdnFinder;
  readonly #backups: BackupFiles | undefined;
  readonly #configuredCdn: CdnName | undefined;
  readonly #monitoring = new DecodeOnce((document) => decodeMonitoringBytes(document.unpack()));
  readonly #crConfig = new DecodeOnce(decodeCrConfig);

  constructor(options: TrafficOpsFeedOptions, state: FeedState, signal: AbortSignal) {
    const clock = options.clock ?? systemClock;
    const now = () => clock.now();
    const { connection, userAgent, monitorName, requestTimeoutMs } = options;
    this.#options = options;
    this.#state = state;
    this.#signal = signal;
    this.#clock = clock;
    this.#configuredCdn = options.configuredCdn === '' ? undefined : cdnName(options.configuredCdn);
    this.#client = new TrafficOpsClient({ connection, userAgent, now, timeoutMs: requestTimeoutMs });
    this.#report = new FeedReport(options.log, now);
    this.#backups = options.backupFiles && new BackupFiles(options.backupFiles);
    this.#cdnFinder = new CdnFinder({
      client: this.#client,
      state,
      report: this.#report,
      configuredCdn: this.#configuredCdn,
      monitorName,
      now,
    });
  }

  /** Ends when the signal is aborted. */
  async run(): Promise<void> {
    try {
      await this.#useSeed();
      if (this.#options.startsFromBackups === true) await this.#beginWithBackups();
      await this.#logIn();
      while (!this.#signal.aborted) {
        const startedAt = this.#clock.now();
        const problem = await this.#poll();
        if (this.#signal.aborted) return;
        await this.#sleep(problem, this.#untilNextPoll(startedAt));
      }
    } finally {
      this.#client.close();
    }
  }

  /** Tries until Traffic Ops lets us in; meanwhile the backup files may do. */
  async #logIn(): Promise<void> {
    const { retry, random = Math.random } = this.#options;
    for (let failures = 1; !this.#signal.aborted; failures++) {
      try {
        await this.#client.login(this.#signal);
        this.#state.usingDummyTo = false;
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        this.#state.reachable = false;
        this.#state.lastError = messageOf(error);
        if (mayUseDisk(failures, retry.diskAfterFailures)) {
          await this.#useBackups();
          this.#state.usingDummyTo = this.#state.accepted !== undefined;
        }
        await this.#sleep(messageOf(error), loginDelayMs(failures - 1, retry.minMs, retry.maxMs, random()));
      }
    }
  }

  /** One poll of both documents. Returns what went wrong, undefined if nothing did. */
  async #poll(): Promise<string | undefined> {
    try {
      await this.#takeNew();
      this.#state.reachable = true;
      this.#state.lastError = null;
      this.#report.trafficOpsWorks();
      return undefined;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      this.#state.reachable = isAnswer(error);
      this.#state.lastError = messageOf(error);
      this.#recordFailure(error);
      await this.#useBackups();
      return messageOf(error);
    }
  }

  async #takeNew(): Promise<void> {
    const signal = this.#signal;
    const cdn = await this.#cdnFinder.find(signal);
    const kept = this.#state.accepted;
    const monitoring = await this.#client.fetchMonitoring(
      cdn,
      (document) =>
        this.#monitoring.decode(
          document,
          kept && { document: kept.monitoringDocument, value: kept.snapshot.monitoring },
        ),
      signal,
    );
    const { value: crConfig, remoteAddress } = await this.#client.fetchSnapshot(
      cdn,
      (document) =>
        this.#crConfig.decode(
          document,
          kept && { document: kept.snapshot.crConfig.document, value: kept.snapshot.crConfig },
        ),
      signal,
    );
    if (signal.aborted) return;
    this.#state.remoteAddress = remoteAddress;
    const problem =
      crConfigProblem(crConfig.stats, this.#state.previousOf(cdn)) ??
      this.#state.shrinkGuard.problem(
        kept?.snapshot.cdn === cdn ? kept.snapshot.monitoring : undefined,
        monitoring.value,
        this.#options.shrinkHoldMs,
        this.#clock.now(),
      );
    if (problem !== undefined) throw new SnapshotRefused(problem, crConfig.stats, remoteAddress);
    this.#addHistory(null, remoteAddress, crConfig.stats);
    await this.#accept(
      { cdn, monitoring: monitoring.value, crConfig, source: 'traffic-ops' },
      monitoring.document,
    );
    await this.#saveBackups(crConfig.document, monitoring.document);
  }

  /** Puts a snapshot into force. */
  async #accept(snapshot: Snapshot, monitoringDocument: KeptDocument): Promise<void> {
    const before = this.#state.accepted?.snapshot;
    this.#state.accepted = { snapshot, monitoringDocument, acceptedAt: this.#clock.now() };
    if (isSameSnapshot(before, snapshot)) return;
    this.#report.accepted(snapshot);
    try {
      await this.#options.onSnapshot(snapshot, monitoringDocument);
    } catch (error) {
      this.#report.notApplied(snapshot, messageOf(error));
    }
  }

  async #saveBackups(crConfig: KeptDocument, monitoring: KeptDocument): Promise<void> {
    try {
      await this.#backups?.save({ crConfig, monitoring });
      this.#report.backupWritten();
    } catch (error) {
      this.#report.backupNotWritten(messageOf(error));
    }
  }

  async #useSeed(): Promise<void> {
    const seed = this.#state.accepted === undefined ? this.#options.takeSeed?.() : null;
    if (seed === null || seed === undefined) return;
    try {
      await this.#acceptCopy(seed);
    } catch (error) {
      this.#report.backupNotUsed(messageOf(error));
    }
  }

  /** That there are none yet, or none of use, is told when Traffic Ops does not do either. */
  async #beginWithBackups(): Promise<void> {
    if (this.#state.accepted !== undefined || this.#backups === undefined) return;
    try {
      await this.#acceptCopy(await this.#backups.load());
    } catch {
      // As said.
    }
  }

  /** Starts from the backup files, if nothing is in force and they can be used. */
  async #useBackups(): Promise<void> {
    if (this.#state.accepted !== undefined || this.#backups === undefined) return;
    try {
      await this.#acceptCopy(await this.#backups.load());
    } catch (error) {
      this.#report.backupNotUsed(messageOf(error));
    }
  }

  /** @throws Error if it is of another CDN */
  async #acceptCopy({ monitoring, monitoringDocument, crConfig }: BackupDocuments): Promise<void> {
    const backupCdn = cdnName(crConfig.stats.CDN_name ?? '');
    const cdn = this.#state.cdn(this.#configuredCdn) ?? backupCdn;
    if (cdn !== backupCdn) throw new Error(`the backup files are of CDN ${backupCdn}, not of CDN ${cdn}`);
    if (this.#signal.aborted) return;
    this.#addHistory(null, OWN_COPY, crConfig.stats);
    await this.#accept({ cdn, monitoring, crConfig, source: 'backup' }, monitoringDocument);
  }

  #recordFailure(error: unknown): void {
    if (error instanceof SnapshotRefused) {
      this.#addHistory(error.message, error.remoteAddress, error.stats);
      return;
    }
    const remoteAddress = error instanceof TrafficOpsError ? error.remoteAddress : '';
    this.#addHistory(messageOf(error), this.#state.accepted === undefined ? remoteAddress : OWN_COPY, {});
  }

  #addHistory(error: string | null, address: string, stats: CrConfigStats): void {
    const time = new Date(this.#clock.now()).toISOString();
    this.#state.history.add({ error, request_address: address, request_time: time, stats });
  }

  #untilNextPoll(startedAt: number): number {
    const parameters = this.#state.accepted?.snapshot.monitoring.parameters;
    const interval = pollIntervalMs(parameters, this.#options.fallbackIntervalMs);
    const left = startedAt + interval - this.#clock.now();
    return Math.min(interval, Math.max(0, left));
  }

  async #sleep(problem: string | undefined, delayMs: number): Promise<void> {
    if (problem !== undefined) {
      this.#report.trafficOpsFailed(problem, this.#state.accepted?.snapshot, delayMs);
    }
    await this.#clock.sleep(delayMs, this.#signal);
  }
}

/** Did Traffic Ops answer what it was asked, however useless the answer? */
function isAnswer(error: unknown): boolean {
  return !(error instanceof TrafficOpsError) || error.kind === 'decode' || error.kind === 'missing';
}
