import type { CacheState } from '../health/cache-state.ts';
import type { CacheStates } from '../health/cache-states.ts';
import type { Verdict } from '../health/verdict.ts';
import { htmlSafeString, rfc3339 } from './json-text.ts';

interface Entry {
  readonly state: CacheState;
  verdict: Verdict | null;
  /** Up to the time. */
  head: string;
  timeMs: number | null;
  text: string;
}

/** Writes `/publish/CrStates` (reference 9.5), rewriting only what a poll has touched since the last time. */
export class CrStatesWriter {
  readonly #states: CacheStates;
  #sorted: readonly CacheState[] = [];
  #entries: readonly Entry[] = [];

  constructor(states: CacheStates) {
    this.#states = states;
  }

  write(): string {
    if (this.#states.sorted !== this.#sorted) {
      this.#sorted = this.#states.sorted;
      this.#entries = this.#sorted.map((state) => ({
        state,
        verdict: null,
        head: '',
        timeMs: null,
        text: '',
      }));
    }
    const caches = this.#entries.map(refreshed).join(',');
    return `{"caches":{${caches}},"deliveryServices":{${this.#deliveryServices()}}}`;
  }

  #deliveryServices(): string {
    const { deliveryServices } = this.#states;
    return deliveryServices.sorted
      .map(
        (id) =>
          `${htmlSafeString(id)}:{"disabledLocations":[],"isAvailable":${deliveryServices.isAvailable(id)}}`,
      )
      .join(',');
  }
}

/** Seeded until the first poll: reference 5.1. */
const unknown: Verdict = { isAvailable: false, ipv4Available: false, ipv6Available: false, status: '' };

function refreshed(entry: Entry): string {
  const { state } = entry;
  const verdict = state.verdict ?? unknown;
  if (entry.verdict === verdict && entry.timeMs === state.lastPollMs) return entry.text;
  if (entry.verdict !== verdict) {
    const { isAvailable, ipv4Available, ipv6Available, status } = verdict;
    const flags = `"isAvailable":${isAvailable},"ipv4Available":${ipv4Available},"ipv6Available":${ipv6Available}`;
    entry.head = `${htmlSafeString(state.subject.name)}:{${flags},"status":${htmlSafeString(status)},"lastPoll":"`;
    entry.verdict = verdict;
  }
  entry.timeMs = state.lastPollMs;
  entry.text = `${entry.head}${rfc3339(state.lastPollMs)}"}`;
  return entry.text;
}
