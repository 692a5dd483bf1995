import type { CacheName } from '../common/ids.ts';
import type { CacheCounts, MonitorEvent } from './monitor-view.ts';
import type { ScenarioStep } from './scenario-script.ts';

/** What was done to a cache and is not yet seen by the monitor. */
interface Awaited {
  readonly available: boolean;
  readonly sinceMs: number;
}

/** Tells the story of the demo, a line a fact: what is done, and what the monitor says of it how much later. */
export class Narrator {
  readonly #print: (line: string) => void;
  readonly #startMs: number;
  readonly #awaited = new Map<string, Awaited>();
  #lastCounts = '';

  constructor(print: (line: string) => void, startMs: number) {
    this.#print = print;
    this.#startMs = startMs;
  }

  /** Whether the monitor owes a reaction: then it is worth asking often. */
  get awaiting(): boolean {
    return this.#awaited.size > 0;
  }

  /** A step is about to be carried out. */
  step({ text, action }: ScenarioStep, nowMs: number): void {
    this.#line(nowMs, 'done', text);
    if (action.kind !== 'caches') return;
    for (const name of action.caches) {
      this.#awaited.set(name, { available: action.available, sinceMs: nowMs });
    }
  }

  /** Traffic Ops tells of a cache that was not there before. */
  newEdge(name: CacheName, nowMs: number): void {
    this.#line(nowMs, 'done', `the new edge is ${name}`);
    this.#awaited.set(name, { available: true, sinceMs: nowMs });
  }

  /** The monitor has written this into its event log. */
  event(event: MonitorEvent, witness: string, nowMs: number): void {
    const reason = shortReason(event.description);
    const awaited = this.#awaited.get(event.name);
    const expected = awaited !== undefined && awaited.available === event.isAvailable;
    if (expected) this.#awaited.delete(event.name);
    const after = expected ? `  [after ${Math.round(nowMs - awaited.sinceMs)} ms]` : '';
    const state = event.isAvailable ? 'available' : 'unavailable';
    this.#line(nowMs, witness, `${event.name} ${state}: ${reason}${after}`);
  }

  /** Something else that belongs to the story. */
  note(who: string, text: string, nowMs: number): void {
    this.#line(nowMs, who, text);
  }

  /** Now and then; says nothing if nothing has changed. */
  counts(counts: CacheCounts | null, nowMs: number): void {
    const text =
      counts === null
        ? 'the monitor does not answer'
        : `${counts.caches} caches, ${counts.available} available, ${counts.caches - counts.available} not`;
    if (text === this.#lastCounts) return;
    this.#lastCounts = text;
    this.#line(nowMs, 'counts', text);
  }

  #line(nowMs: number, who: string, text: string): void {
    const seconds = ((nowMs - this.#startMs) / 1000).toFixed(1).padStart(6);
    this.#print(`${seconds} s  ${who.padEnd(7)}  ${text}`);
  }
}

/** The description of an event without what a reader of the story knows already, such as the URL that was polled. */
function shortReason(description: string): string {
  return description
    .replace(/^Protocol \(IPv[46]\) /, '')
    .replace(/ ?\((health|stat)\) *$/, '')
    .replace(/id \S+ url \S+ (fetch error: )(Get "[^"]*": )?/, '$1')
    .replace(/; \S+: not found in polled data/, '')
    .trim();
}
