import type { CacheName, MonitorName } from '../../common/ids.ts';
import type { Contribution } from './reporting-cache.ts';

/** What one cache adds to the statistics of the CDN: monitors tell it each other. */
export interface CacheReport extends Contribution {
  readonly cache: CacheName;
  /** Whose stat poll found it. */
  readonly from: MonitorName;
  /** End of that poll: ms since the epoch, by the clock of the monitor that holds the report. */
  readonly polledMs: number;
  /** All that it sends, bytes a second. */
  readonly outBytesPerSecond: number;
  /** kbps of its fastest interface; 0: not known. */
  readonly capacityKbps: number;
}
