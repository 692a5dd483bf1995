import { cachegroupName, type MonitorName } from '../common/ids.ts';
import type { SimulatedCdn, SimulatedCdnOptions } from './simulated-cdn.ts';
import type { StoryOptions } from './story.ts';
import type { WorldMonitor } from './world-parts.ts';

/** What both forms of the demo have in common. */
export interface Stage extends StoryOptions {
  /** Main file of the monitor. */
  readonly main: string;
  /** For config files; it goes when the demo ends. */
  readonly folder: string;
  /** The next free port, from the one that was asked for. */
  nextPort(): Promise<number>;
  /** The CDN, with these monitors in Traffic Ops. */
  cdnWith(monitors: readonly WorldMonitor[]): SimulatedCdnOptions;
  /** The CDN in a line. */
  describe(cdn: SimulatedCdn): string;
}

/** A monitor on this machine that stands in a cachegroup. */
export function placeOf(name: MonitorName, cachegroup: string, port: number): WorldMonitor {
  return {
    name,
    fqdn: 'localhost',
    ip: '127.0.0.1',
    port,
    cachegroup: cachegroupName(cachegroup),
    status: 'ONLINE',
  };
}
