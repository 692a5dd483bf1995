import type { Sample } from '../parse/sample.ts';
import { DIGITS, OTHER, type StatNames, StatTable, tabulated } from '../parse/stat-table.ts';
import { detached, type HistoryValue } from './history-value.ts';
import { InterfaceHistory } from './interface-history.ts';
import { OlderEntries } from './older-entries.ts';
import { SampleTimes } from './sample-times.ts';
import { EMPTY_LAYOUT, type StatLayout, type StatLayouts, sameNames } from './stat-layout.ts';

/** What beyond this many a cache sends is not kept: real ones send a few thousand. */
export const MOST_STATS = 100_000;

/**
 * How the values of a statistic are kept: not at all yet, or NUMBER, DIGITS or OTHER as in a table. What has changed
 * its kind is OTHER: objects, in `#others`.
 */
const NEW = 0;

interface OtherEntry {
  readonly value: HistoryValue;
  timeMs: number;
  span: number;
}

/** Takes one value after the other, the newest first, until it says false. */
export type EntryVisitor = (value: HistoryValue, timeMs: number, span: number) => boolean;

/**
 * The past of one cache's statistics: reference 6.3. A statistic is known by its place in the last sample ("slot");
 * payloads keep their order, so that a sample is taken in without looking up one name. What the newest sample does not
 * name is forgotten: the memory is bounded by what one payload can hold, whatever names a cache makes up.
 *
 * So every statistic is in every sample since it came, and each sample adds one to exactly one of its spans: the spans
 * of the newer values tell in which sample a value was last seen, and no time is kept with it.
 */
export class CacheHistory {
  readonly interfaces: InterfaceHistory;
  readonly #layouts: StatLayouts;
  #limit: number;
  #layout = EMPTY_LAYOUT;
  /** Of the newest sample. */
  #names: StatNames | null = null;
  #values = new Float64Array(0);
  #spans = new Uint32Array(0);
  #kinds = new Uint8Array(0);
  /** Ring of past values, -1: none. */
  #blocks = new Int32Array(0);
  #older: OlderEntries;
  #others = new Map<number, OtherEntry[]>();
  #samples = 0;
  readonly #times = new SampleTimes();
  readonly #found = new Map<string, number>();

  /** @param limit values to keep of each statistic, at least 1 */
  constructor(limit: number, layouts: StatLayouts) {
    this.#limit = limit;
    this.#layouts = layouts;
    this.#older = new OlderEntries(limit - 1);
    this.interfaces = new InterfaceHistory(limit);
  }

  take(sample: Sample, timeMs: number): void {
    this.interfaces.take(sample.interfaces, timeMs);
    const { stats } = sample;
    const isTable = stats instanceof StatTable && stats.names.shown <= MOST_STATS;
    const table = isTable ? stats : tabulated(stats, MOST_STATS);
    this.#follow(table.names);
    const { kinds, numbers } = table;
    for (let slot = 0; slot < table.names.shown; slot++) {
      const kind = kinds[slot] ?? OTHER;
      if (kind === OTHER) this.#updateOther(slot, table.at(slot), timeMs);
      else this.#update(slot, kind, numbers[slot] ?? 0, timeMs);
    }
    this.#samples++;
    this.#times.set(this.#samples, timeMs);
    if (this.#times.isFull) this.#times.keepOnly(this.#samplesInUse());
  }

  /** Values that are too many are cut off. */
  setLimit(limit: number): void {
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.interfaces.setLimit(limit);
    const before = this.#older;
    this.#older = new OlderEntries(limit - 1);
    for (let slot = 0; slot < this.#blocks.length; slot++) {
      const block = this.#blocks[slot] ?? -1;
      this.#blocks[slot] = -1;
      for (let age = Math.min(before.count(block), limit - 1) - 1; age >= 0; age--) {
        this.#keep(slot, before.value(block, age), before.span(block, age));
      }
    }
    for (const entries of this.#others.values()) if (entries.length > limit) entries.length = limit;
  }

  /** What the newest sample names. */
  get layout(): StatLayout {
    return this.#layout;
  }

  /** Slot of a raw name; -1: the newest sample has it not. */
  slotOf(name: string): number {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const slot = this.#layout.names.indexOf(name);
    if (slot >= 0) this.#found.set(name, slot);
    return slot;
  }

  newest(slot: number): HistoryValue {
    if (this.#kinds[slot] === OTHER) return this.#others.get(slot)?.[0]?.value ?? null;
    const value = this.#values[slot] ?? 0;
    return this.#kinds[slot] === DIGITS ? String(value) : value;
  }

  /** The newest value if it is a text of digits that a number holds exactly; else -1. */
  newestDigits(slot: number): number {
    return this.#kinds[slot] === DIGITS ? (this.#values[slot] ?? -1) : -1;
  }

  /** Shows the values of a statistic, the newest first. */
  visit(slot: number, visitor: EntryVisitor): void {
    const newestMs = this.#times.get(this.#samples);
    if (this.#kinds[slot] === OTHER) {
      let isNewest = true;
      for (const { value, timeMs, span } of this.#others.get(slot) ?? []) {
        if (!visitor(value, isNewest ? newestMs : timeMs, span)) return;
        isNewest = false;
      }
      return;
    }
    const isText = this.#kinds[slot] === DIGITS;
    const shown = (value: number): HistoryValue => (isText ? String(value) : value);
    let span = this.#spans[slot] ?? 0;
    if (!visitor(shown(this.#values[slot] ?? 0), newestMs, span)) return;
    const block = this.#blocks[slot] ?? -1;
    const count = this.#older.count(block);
    let sample = this.#samples;
    for (let age = 0; age < count; age++) {
      sample -= span;
      span = this.#older.span(block, age);
      if (!visitor(shown(this.#older.value(block, age)), this.#times.get(sample), span)) return;
    }
  }

  #update(slot: number, kind: number, number: number, timeMs: number): void {
    const known = this.#kinds[slot];
    if (known === NEW) {
      this.#kinds[slot] = kind;
      this.#values[slot] = number;
      this.#spans[slot] = 1;
      return;
    }
    if (known !== kind) {
      this.#updateOther(slot, kind === DIGITS ? String(number) : number, timeMs);
      return;
    }
    const before = this.#values[slot] ?? 0;
    const span = this.#spans[slot] ?? 0;
    if (before === number || (Number.isNaN(before) && Number.isNaN(number))) {
      this.#spans[slot] = span + 1;
      return;
    }
    this.#keep(slot, before, span);
    this.#values[slot] = number;
    this.#spans[slot] = 1;
  }

  /** Puts a number behind the newest. */
  #keep(slot: number, value: number, span: number): void {
    if (this.#limit === 1) return;
    let block = this.#blocks[slot] ?? -1;
    if (block < 0) {
      block = this.#older.allocate();
      this.#blocks[slot] = block;
    }
    this.#older.push(block, value, span);
  }

  #updateOther(slot: number, value: unknown, timeMs: number): void {
    const isPlain = typeof value === 'boolean' || typeof value === 'number' || value === null;
    if (!isPlain && typeof value !== 'string') return;
    const entries = this.#others.get(slot) ?? this.#asObjects(slot);
    const newest = entries[0];
    if (newest !== undefined && Object.is(newest.value, value)) {
      newest.timeMs = timeMs;
      newest.span++;
      return;
    }
    entries.unshift({ value: typeof value === 'string' ? detached(value) : value, timeMs, span: 1 });
    if (entries.length > this.#limit) entries.length = this.#limit;
  }

  /** Takes the numbers of a slot out of the columns: the statistic is not a number all the time. */
  #asObjects(slot: number): OtherEntry[] {
    const entries: OtherEntry[] = [];
    if (this.#kinds[slot] !== NEW) {
      this.visit(slot, (value, timeMs, span) => {
        entries.push({ value, timeMs, span });
        return true;
      });
    }
    this.#release(slot);
    this.#kinds[slot] = OTHER;
    this.#others.set(slot, entries);
    return entries;
  }

  #release(slot: number): void {
    const block = this.#blocks[slot] ?? -1;
    if (block >= 0) this.#older.release(block);
    this.#blocks[slot] = -1;
  }

  /** Slots are the places of these names from now on. Payloads that repeat their names share them: no need to compare. */
  #follow(names: StatNames): void {
    if (names === this.#names) return;
    const shown = names.shown === names.all.length ? names.all : names.all.slice(0, names.shown);
    if (!sameNames(shown, this.#layout.names)) this.#lay(this.#layouts.of(shown));
    this.#names = names;
  }

  /** Gives every name its slot anew; what is known of a name goes with it. */
  #lay(layout: StatLayout): void {
    const before = new Map(this.#layout.names.map((name, slot) => [name, slot]));
    const { length } = layout.names;
    const values = new Float64Array(length);
    const spans = new Uint32Array(length);
    const kinds = new Uint8Array(length);
    const blocks = new Int32Array(length).fill(-1);
    const others = new Map<number, OtherEntry[]>();
    layout.names.forEach((name, slot) => {
      const from = before.get(name);
      if (from === undefined) return;
      before.delete(name);
      values[slot] = this.#values[from] ?? 0;
      spans[slot] = this.#spans[from] ?? 0;
      kinds[slot] = this.#kinds[from] ?? NEW;
      blocks[slot] = this.#blocks[from] ?? -1;
      const entries = this.#others.get(from);
      if (entries !== undefined) others.set(slot, entries);
    });
    for (const gone of before.values()) this.#release(gone);
    this.#layout = layout;
    this.#values = values;
    this.#spans = spans;
    this.#kinds = kinds;
    this.#blocks = blocks;
    this.#others = others;
    this.#found.clear();
  }

  #samplesInUse(): Set<number> {
    const used = new Set([this.#samples]);
    for (let slot = 0; slot < this.#blocks.length; slot++) {
      const block = this.#blocks[slot] ?? -1;
      const count = this.#older.count(block);
      let sample = this.#samples - (this.#spans[slot] ?? 0);
      for (let age = 0; age < count; age++) {
        used.add(sample);
        sample -= this.#older.span(block, age);
      }
    }
    return used;
  }
}
