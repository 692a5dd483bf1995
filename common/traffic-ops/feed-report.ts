import type { Log } from '../log.ts';
import { Notices } from '../notices.ts';
import type { Snapshot } from './monitoring.ts';

/** What the feed writes to the log: each trouble once per change, and at most once a minute while it stays. */
export class FeedReport {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #notices = new Notices();

  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** @param inForce what is kept @param delayMs until the next attempt */
  trafficOpsFailed(problem: string, inForce: Snapshot | undefined, delayMs: number): void {
    const text = `Traffic Ops: ${problem}; ${whatIsKept(inForce)}`;
    if (!this.#due('traffic-ops', text)) return;
    const level = inForce === undefined ? 'error' : 'warning';
    this.#log[level](`${text}; next try in ${(delayMs / 1000).toFixed(1)} s`);
  }

  trafficOpsWorks(): void {
    if (this.#notices.works('traffic-ops')) this.#log.info('Traffic Ops works again');
  }

  accepted(snapshot: Snapshot): void {
    const { cdn, source, crConfig, monitoring } = snapshot;
    const counts = `${monitoring.caches.size} caches, ${monitoring.monitors.size} monitors`;
    this.#log.info(`new snapshot of CDN ${cdn} from ${source}, date ${crConfig.stats.date}: ${counts}`);
    const claimed = crConfig.stats.CDN_name;
    if (claimed !== cdn) {
      this.warnOnce(
        'cdn-name',
        `the snapshot of CDN ${cdn} says that it is of CDN ${claimed}`,
        'used nevertheless',
      );
    }
  }

  notApplied(snapshot: Snapshot, problem: string): void {
    this.#log.error(`the snapshot of CDN ${snapshot.cdn} could not be applied wholly: ${problem}`);
  }

  backupNotWritten(problem: string): void {
    if (!this.#due('backup-write', problem)) return;
    const meaning = 'the snapshot is in force, but a start without Traffic Ops may not find it';
    this.#log.error(`${problem}; ${meaning}; trying again with the next poll`);
  }

  backupWritten(): void {
    this.#notices.works('backup-write');
  }

  backupNotUsed(problem: string): void {
    if (this.#due('backup-read', problem)) this.#log.error(`cannot start from the backup files: ${problem}`);
  }

  warnOnce(topic: string, problem: string, consequence: string): void {
    if (this.#due(topic, problem)) this.#log.warning(`${problem}; ${consequence}`);
  }

  #due(topic: string, cause: string): boolean {
    return this.#notices.due(topic, cause, this.#now());
  }
}

function whatIsKept(inForce: Snapshot | undefined): string {
  if (inForce === undefined) return 'there is no snapshot to work with';
  const from = inForce.source === 'backup' ? 'the backup files' : 'Traffic Ops';
  return `the snapshot of CDN ${inForce.cdn} from ${from} stays in force`;
}
