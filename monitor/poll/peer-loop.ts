import { PeerConnection } from './peer-connection.ts';
import { Schedule } from './schedule.ts';

/** How other monitors are asked; a change restarts every loop. */
export interface PeerManner {
  /** ms. */
  readonly intervalMs: number;
  /** Connect, headers and body together, in ms. */
  readonly timeoutMs: number;
  readonly keepAlive: boolean;
  readonly accept: string;
  readonly maxBodyBytes: number;
}

export interface PeerLoopOptions<M> {
  /** Keeps the turns of two monitors apart. */
  readonly seed: string;
  readonly onTurn: (member: M) => void;
}

/** Somebody to be asked. */
export interface PeerLoopEntry<M> {
  readonly name: string;
  /** Tells apart who has had the same name: another key is somebody else. */
  readonly key: string;
  readonly begin: () => M;
}

/** Gives everybody who is asked a turn once an interval. Those that did not change go on undisturbed. */
export class PeerLoop<M extends { close(): void }> {
  readonly #options: PeerLoopOptions<M>;
  readonly #asked = new Map<string, { readonly key: string; readonly member: M }>();
  #manner: PeerManner | null = null;
  #schedule: Schedule | null = null;

  constructor(options: PeerLoopOptions<M>) {
    this.#options = options;
  }

  /** These have turns from now on. */
  apply(entries: readonly PeerLoopEntry<M>[], manner: PeerManner): void {
    const schedule = this.#scheduleFor(manner);
    const wanted = new Map(entries.map((entry) => [entry.name, entry]));
    for (const [name, { key, member }] of this.#asked) {
      if (wanted.get(name)?.key === key) continue;
      member.close();
      schedule.remove(name);
      this.#asked.delete(name);
    }
    for (const [name, { key, begin }] of wanted) {
      if (this.#asked.has(name)) continue;
      this.#asked.set(name, { key, member: begin() });
      schedule.add(name);
    }
  }

  get members(): readonly M[] {
    return [...this.#asked.values()].map(({ member }) => member);
  }

  stop(): void {
    this.#schedule?.stop();
    this.#schedule = null;
    this.#manner = null;
    for (const member of this.members) member.close();
    this.#asked.clear();
  }

  #scheduleFor(manner: PeerManner): Schedule {
    if (this.#schedule !== null && JSON.stringify(manner) === JSON.stringify(this.#manner))
      return this.#schedule;
    this.stop();
    const { seed, onTurn } = this.#options;
    const schedule = new Schedule({
      intervalMs: manner.intervalMs,
      seed,
      onTurn: (name) => {
        const asked = this.#asked.get(name);
        if (asked !== undefined) onTurn(asked.member);
      },
    });
    schedule.start();
    this.#manner = manner;
    this.#schedule = schedule;
    return schedule;
  }
}

/** A connection that is kept while it is used once in so many intervals. */
export function connectPeer(
  url: string,
  userAgent: string,
  { intervalMs, timeoutMs, keepAlive, accept, maxBodyBytes }: PeerManner,
  keptIntervals: number,
): PeerConnection {
  const idleMs = Math.max(60_000, intervalMs * keptIntervals);
  return new PeerConnection({ url, accept, userAgent, timeoutMs, maxBodyBytes, keepAlive, idleMs });
}
