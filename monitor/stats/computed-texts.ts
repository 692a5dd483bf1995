import { computedStat } from '../health/computed-stats.ts';
import type { StatInfo } from './stat-info.ts';
import { floatText } from './value-text.ts';

/** What the computed statistics say beyond a poll. */
export interface ComputedContext {
  /** The profile's URL template; empty if there is none. */
  readonly stateUrl: string;
  /** Configured status, as Traffic Ops spells it. */
  readonly status: string;
  readonly isAvailable: boolean;
  readonly isHealthy: boolean;
}

/** Computed statistics in the order of their names: reference 5.3. */
export const computedNames: readonly string[] = [
  'availableBandwidthInKbps',
  'availableBandwidthInMbps',
  'bandwidth',
  'error-string',
  'gbps',
  'isAvailable',
  'isHealthy',
  'kbps',
  'loadavg',
  'maxKbps',
  'queryTime',
  'stateUrl',
  'status',
  'system.astatsLoad',
  'system.configReloadRequests',
  'system.configReloads',
  'system.inf.name',
  'system.inf.speed',
  'system.lastReload',
  'system.lastReloadRequest',
  'system.notAvailable',
  'system.proc.loadavg',
  'system.proc.net.dev',
];

const floats: ReadonlySet<string> = new Set(['gbps', 'loadavg']);

/** The published value of a computed statistic. Flags are `true` and `false` (D57). */
export function computedText(name: string, info: StatInfo, context: ComputedContext): string {
  switch (name) {
    case 'error-string':
      return info.error ?? 'false';
    case 'isAvailable':
      return String(context.isAvailable);
    case 'isHealthy':
      return String(context.isHealthy);
    case 'stateUrl':
      return context.stateUrl;
    case 'status':
      return context.status;
    case 'system.inf.name':
    case 'system.lastReloadRequest':
    case 'system.notAvailable':
      return '';
    default: {
      const value = computedStat(name, info) ?? 0;
      return floats.has(name) ? floatText(value) : String(value);
    }
  }
}
