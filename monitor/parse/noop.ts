import { payloadFormat } from './payload-format.ts';
import { NO_STATS } from './payload-stats.ts';
import type { Sample } from './sample.ts';

const ALWAYS: Sample = Object.freeze({
  loadAverages: [0.1, 0.05, 0.05] as const,
  interfaces: new Map([['bond0', { speedMbps: 20_000, bytesIn: 10_000n, bytesOut: 100_000n }]]),
  notAvailable: false,
  timestampMs: null,
  stats: NO_STATS,
});

/** For caches that cannot be asked: whatever the body, the same idle `bond0` (reference 4.6). */
export const noop = payloadFormat('noop', () => ALWAYS);
