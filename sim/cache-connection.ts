import type { Socket } from 'node:net';
import type { Exchange } from './answer.ts';
import { behave } from './misbehave.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';
import type { SimulatedCache } from './simulated-cache.ts';

const maxHeadLength = 64 * 1024;

/** What a connection needs of the farm. */
export interface ConnectionContext {
  /** Whole milliseconds that never go back. */
  now(): number;
  later(ms: number, action: () => void): void;
  /** The cache with this Host header. */
  cacheOfHost(host: string): SimulatedCache | undefined;
}

/**
 * Speaks HTTP/1.1 on one connection: plain node:net, because node:http costs several times what answering a healthy
 * cache costs here. Requests are GETs without a body; anything else closes the connection.
 */
export class CacheConnection {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  /** The cache that the address tells; undefined: ask the Host header. */
  readonly #cache: SimulatedCache | undefined;
  #pending = '';
  #busy = false;
  #draining = false;

  constructor(socket: Socket, cache: SimulatedCache | undefined, context: ConnectionContext) {
    this.#socket = socket;
    this.#cache = cache;
    this.#context = context;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk.toString('latin1')));
  }

  #receive(text: string): void {
    this.#pending = this.#pending === '' ? text : this.#pending + text;
    if (this.#pending.length > maxHeadLength) {
      this.#socket.destroy();
      return;
    }
    this.#drain();
  }

  /** Answers what is waiting, one request after the other. A loop, so that pipelined requests do not nest. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (!this.#busy && this.#pending !== '' && !this.#socket.destroyed) {
      const end = this.#pending.indexOf('\r\n\r\n');
      if (end < 0) break;
      const head = parseRequestHead(this.#pending.slice(0, end));
      this.#pending = this.#pending.slice(end + 4);
      const cache = head === null ? undefined : (this.#cache ?? this.#context.cacheOfHost(head.host));
      if (head === null) this.#refuse('400 Bad Request');
      else if (cache === undefined) this.#refuse('404 Not Found');
      else this.#serve(cache, head);
    }
    this.#draining = false;
  }

  #refuse(status: string): void {
    this.#socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    this.#pending = '';
  }

  #serve(cache: SimulatedCache, request: RequestHead): void {
    this.#busy = true;
    if (request.system) cache.healthPolls++;
    else cache.fullPolls++;
    const exchange: Exchange = {
      socket: this.#socket,
      cache,
      request,
      payload: () => cache.payload(this.#context.now(), !request.system, request.acceptsCsv),
      later: this.#context.later,
      done: () => {
        this.#busy = false;
        if (request.close) this.#socket.end();
        else this.#drain();
      },
    };
    const { latencyMs, behaviour } = cache.state;
    if (latencyMs === 0) {
      behave(behaviour, exchange);
      return;
    }
    this.#context.later(latencyMs, () => {
      if (!this.#socket.destroyed) behave(behaviour, exchange);
    });
  }
}
