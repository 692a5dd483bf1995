import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NumberedEvent } from '../health/events.ts';
import { eventRecord } from './event-log.ts';
import { parseQuery } from './query.ts';
import { sendText } from './reply.ts';

/** More listeners than a team has; each costs a connection and its share of a burst. */
export const MOST_LISTENERS = 64;

/** A listener that is so far behind is cut off; it comes back and asks for what it missed. */
const MOST_WAITING_BYTES = 4 * 1_048_576;

/** Events of the past that a new listener is told at most. */
const MOST_REPLAYED = 500;

/** Events are gathered for so long: a mass failure is one write to each listener, not thousands. */
const GATHER_MS = 20;

/** Proxies cut connections on which nothing happens; often it is a minute. */
const HEARTBEAT_MS = 15_000;

/** How soon a browser comes back when it was cut off. */
const RETRY_MS = 2000;

/** What the stream needs of the event log. */
export interface EventSource {
  readonly newestFirst: readonly NumberedEvent[];
}

interface Listener {
  readonly response: ServerResponse;
  /** It had not read all by the last heartbeat. */
  isBehind: boolean;
}

/**
 * `/api/events`: the event log as server-sent events, as they happen. Every event has an id; who comes back with the
 * last one it saw (`Last-Event-ID`, or `after=ID`) gets what it missed, everybody else the latest events.
 */
export class EventStream {
  readonly #log: EventSource;
  /** Names the life of this process: numbers of events begin anew with the next one. */
  readonly #boot: string;
  readonly #listeners = new Set<Listener>();
  #gathered: NumberedEvent[] = [];
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(log: EventSource, boot: string) {
    this.#log = log;
    this.#boot = boot;
  }

  /** Tells all listeners; costs nothing while there is none. */
  publish(event: NumberedEvent): void {
    if (this.#listeners.size === 0) return;
    if (this.#gathered.length === 0) setTimeout(() => this.#flush(), GATHER_MS).unref();
    this.#gathered.push(event);
  }

  /** Begins a stream; 503 when there are too many. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#listeners.size >= MOST_LISTENERS) {
      sendText(response, 503, `${MOST_LISTENERS} listeners already; read /publish/EventLog instead\n`, {
        'Retry-After': '30',
      });
      return;
    }
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'Permissions-Policy': 'interest-cohort=()',
      // Asks nginx to pass events on as they come.
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    // What is gathered is in the log already: a new listener gets it from there, and only from there.
    this.#flush();
    const missed = this.#missedSince(lastSeen(request)).slice(0, MOST_REPLAYED).toReversed();
    response.write(`retry: ${RETRY_MS}\n\n${this.#textOf(missed)}`);
    this.#add({ response, isBehind: false });
  }

  /** Ends all streams. */
  close(): void {
    this.#flush();
    for (const { response } of this.#listeners) response.end();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  #add(listener: Listener): void {
    this.#listeners.add(listener);
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    // Whoever listens may hang up at any time.
    listener.response.on('error', () => {});
    listener.response.once('close', () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#heartbeat === null) return;
      clearInterval(this.#heartbeat);
      this.#heartbeat = null;
    });
  }

  #flush(): void {
    if (this.#gathered.length === 0) return;
    const text = this.#textOf(this.#gathered);
    this.#gathered = [];
    for (const { response } of this.#listeners) {
      if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
      else response.write(text);
    }
  }

  /** Keeps connections open, and cuts off whoever has read nothing since the last time. */
  #beat(): void {
    for (const listener of this.#listeners) {
      const isWaiting = listener.response.writableLength > 0;
      if (isWaiting && listener.isBehind) {
        listener.response.destroy();
        continue;
      }
      listener.isBehind = isWaiting;
      listener.response.write(': still here\n\n');
    }
  }

  /** Newest first. */
  #missedSince(id: string | null): readonly NumberedEvent[] {
    const { newestFirst } = this.#log;
    const [boot, index] = id?.split('-') ?? [];
    if (boot !== this.#boot || index === undefined) return newestFirst;
    const end = newestFirst.findIndex((event) => event.index <= Number(index));
    return end < 0 ? newestFirst : newestFirst.slice(0, end);
  }

  #textOf(events: readonly NumberedEvent[]): string {
    return events
      .map((event) => `id: ${this.#boot}-${event.index}\ndata: ${JSON.stringify(eventRecord(event))}\n\n`)
      .join('');
  }
}

/** A browser that reconnects says so itself; a page that opens a new stream can only put it into the URL. */
function lastSeen({ headers, url = '' }: IncomingMessage): string | null {
  const header = headers['last-event-id'];
  if (typeof header === 'string') return header;
  const mark = url.indexOf('?');
  return mark < 0 ? null : (parseQuery(url.slice(mark + 1)).get('after')?.[0] ?? null);
}
