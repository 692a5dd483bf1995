import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Counter, type CounterSpec } from './counter.ts';
import { LoopbackServer } from './loopback-server.ts';
import { type BodySpec, renderBody } from './payloads.ts';

export type Fault = 'hang' | 'reset' | 'close' | 'truncate' | 'stall';

/** How an actor answers. */
interface Behaviour {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly latencyMs?: number;
  readonly body?: BodySpec;
  readonly fault?: Fault;
}

/** A special case of a phase, by the address asked and the request's URL. */
interface SpecialCase extends Behaviour {
  readonly urlIncludes?: string;
  readonly urlLacks?: string;
  readonly via?: string;
}

export interface Phase extends Behaviour {
  /** True: nobody listens; a list: nobody listens on these addresses. */
  readonly refuse?: boolean | readonly string[];
  /** Counters' growth and values from here on. */
  readonly rates?: Readonly<Record<string, number>>;
  readonly set?: Readonly<Record<string, number>>;
  readonly when?: readonly SpecialCase[];
}

export interface ActorSpec {
  readonly listen?: readonly string[];
  readonly counters?: Readonly<Record<string, CounterSpec>>;
  readonly phases?: Readonly<Record<string, Phase>>;
  readonly start?: string;
}

/** A request that an actor got. */
interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** The address asked. */
  readonly via: string;
  readonly headers: IncomingHttpHeaders;
  answered: boolean;
}

export type PollKind = 'stat' | 'health' | 'any';

const isHealthPoll = (url: string): boolean => url.includes('application=system');
const truncateAfterMs = 20;

/** A scripted HTTP server: a cache or a peer monitor. It is in one phase at a time. */
export class Actor {
  readonly name: string;
  readonly counters: ReadonlyMap<string, Counter>;
  /** Everything asked, in order. */
  readonly requests: SeenRequest[] = [];
  readonly #spec: ActorSpec;
  readonly #directory: string;
  readonly #port: number;
  readonly #listen: readonly string[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #servers: LoopbackServer[] = [];
  #phase: Phase;

  constructor(name: string, spec: ActorSpec, directory: string, port: number) {
    this.name = name;
    this.#spec = spec;
    this.#directory = directory;
    this.#port = port;
    this.#listen = spec.listen ?? ['127.0.0.1'];
    this.counters = new Map(
      Object.entries(spec.counters ?? {}).map(([key, counter]) => [key, new Counter(counter)]),
    );
    this.#phase = spec.phases?.[spec.start ?? Object.keys(spec.phases)[0] ?? ''] ?? {};
  }

  /** Listens on the addresses that the phase does not refuse. */
  async open(): Promise<void> {
    const refused = this.#refused();
    for (const host of this.#listen) {
      if (refused.includes(host) || this.#servers.some((server) => server.host === host)) continue;
      const server = new LoopbackServer(host, (request, response) => this.#receive(request, response, host));
      await server.open(this.#port);
      this.#servers.push(server);
    }
  }

  async setPhase(name: string): Promise<void> {
    const phase = this.#spec.phases?.[name];
    if (phase === undefined) throw new Error(`${this.name} has no phase ${name}`);
    this.#phase = phase;
    for (const [key, rate] of Object.entries(phase.rates ?? {})) this.#counter(key).setRate(rate);
    for (const [key, value] of Object.entries(phase.set ?? {})) this.#counter(key).setValue(value);
    await this.#shut(this.#refused());
    await this.open();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#shut(this.#listen);
  }

  /** Polls of that kind answered so far. */
  polls(kind: PollKind): number {
    return this.requests.filter(
      ({ answered, url }) => answered && (kind === 'any' || (kind === 'health') === isHealthPoll(url)),
    ).length;
  }

  #refused(): readonly string[] {
    const { refuse = false } = this.#phase;
    if (typeof refuse === 'boolean') return refuse ? this.#listen : [];
    return refuse;
  }

  #counter(key: string): Counter {
    const counter = this.counters.get(key);
    if (counter === undefined) throw new Error(`${this.name} has no counter ${key}`);
    return counter;
  }

  async #shut(hosts: readonly string[]): Promise<void> {
    const gone = this.#servers.filter((server) => hosts.includes(server.host));
    this.#servers = this.#servers.filter((server) => !hosts.includes(server.host));
    await Promise.all(gone.map((server) => server.close()));
  }

  #receive(request: IncomingMessage, response: ServerResponse, via: string): void {
    const { method = '', url = '', headers } = request;
    const seen: SeenRequest = { method, url, via, headers, answered: false };
    this.requests.push(seen);
    request.resume();
    const finish = (): void => {
      seen.answered = true;
    };
    // Also when the other side gave up waiting.
    response.on('close', finish);
    const behaviour = this.#behaviour(url, via);
    const answer = (): void => this.#answer(behaviour, request, response, finish);
    if (behaviour.latencyMs) this.#after(behaviour.latencyMs, answer);
    else answer();
  }

  /** The first special case that matches is laid over the phase. */
  #behaviour(url: string, via: string): Behaviour {
    const special = this.#phase.when?.find(
      (one) =>
        (one.urlIncludes === undefined || url.includes(one.urlIncludes)) &&
        (one.urlLacks === undefined || !url.includes(one.urlLacks)) &&
        (one.via === undefined || one.via === via),
    );
    return { ...this.#phase, ...special };
  }

  #answer(
    { fault, body, status = 200, headers = { 'Content-Type': 'application/json' } }: Behaviour,
    request: IncomingMessage,
    response: ServerResponse,
    finish: () => void,
  ): void {
    if (fault === 'hang' || fault === 'reset' || fault === 'close') {
      finish();
      if (fault === 'reset') request.socket.resetAndDestroy();
      if (fault === 'close') request.socket.destroy();
      return;
    }
    const bytes = Buffer.from(this.#render(body, isHealthPoll(request.url ?? '')));
    response.writeHead(status, { ...headers, 'Content-Length': String(bytes.length) });
    if (fault === undefined) {
      response.end(bytes, finish);
      return;
    }
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
    finish();
    if (fault === 'truncate') this.#after(truncateAfterMs, () => request.socket.destroy());
  }

  #render(body: BodySpec | undefined, slim: boolean): string {
    try {
      return renderBody(body, this.#directory, slim, (name) => this.counters.get(name)?.serve());
    } catch (error) {
      // A fault of the scenario: the check that follows fails and shows this text.
      return `payload error of ${this.name}: ${error instanceof Error ? error.message : error}`;
    }
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}
