import type { InterfaceCounters } from '../parse/sample.ts';
import type { HistoryEntry } from './history-value.ts';

/** A machine has a handful; a payload can name any number. */
const MOST_INTERFACES = 256;

export type InterfaceStat = 'inBytes' | 'outBytes' | 'speed';

/** In the order of their names. */
export const interfaceStats: readonly InterfaceStat[] = ['inBytes', 'outBytes', 'speed'];

interface Entry {
  readonly value: bigint | number;
  timeMs: number;
  span: number;
}

type Lists = Readonly<Record<InterfaceStat, Entry[]>>;

/** The past of one cache's interfaces, those of the newest sample, monitored or not: reference 6.3. */
export class InterfaceHistory {
  #lists: ReadonlyMap<string, Lists> = new Map();
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(interfaces: ReadonlyMap<string, InterfaceCounters>, timeMs: number): void {
    const lists = new Map<string, Lists>();
    for (const [name, { speedMbps, bytesIn, bytesOut }] of interfaces) {
      if (lists.size === MOST_INTERFACES) break;
      const known = this.#lists.get(name) ?? { inBytes: [], outBytes: [], speed: [] };
      this.#add(known.inBytes, bytesIn, timeMs);
      this.#add(known.outBytes, bytesOut, timeMs);
      this.#add(known.speed, speedMbps, timeMs);
      lists.set(name, known);
    }
    this.#lists = lists;
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    for (const { inBytes, outBytes, speed } of this.#lists.values()) {
      for (const list of [inBytes, outBytes, speed]) if (list.length > limit) list.length = limit;
    }
  }

  /** By name. */
  get names(): readonly string[] {
    return [...this.#lists.keys()].sort();
  }

  has(name: string): boolean {
    return this.#lists.has(name);
  }

  /** Newest first. */
  entries(name: string, stat: InterfaceStat): readonly HistoryEntry[] {
    return this.#lists.get(name)?.[stat] ?? [];
  }

  #add(list: Entry[], value: bigint | number, timeMs: number): void {
    const newest = list[0];
    if (newest?.value === value) {
      newest.timeMs = timeMs;
      newest.span++;
      return;
    }
    list.unshift({ value, timeMs, span: 1 });
    if (list.length > this.#limit) list.length = this.#limit;
  }
}
