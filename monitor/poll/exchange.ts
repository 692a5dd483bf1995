import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import type { Dispatcher } from 'undici';
import {
  BodyLimitError,
  badStatus,
  DeadlineError,
  type FetchFailure,
  fetchFailure,
} from './fetch-failure.ts';
import { NOTICEABLE_MS } from './hold-ups.ts';

export type FetchOutcome =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly contentType: string }
  | {
      readonly kind: 'failure';
      readonly failure: FetchFailure;
      /** Where a redirect leads to, as it was answered; nothing here follows it. */
      readonly location?: string;
    };

/** What an exchange needs of the connection that it runs over. */
export interface Carrier {
  readonly url: string;
  /** Connect, headers and body together, in ms. */
  readonly timeoutMs: number;
  /** Packed or unpacked. */
  readonly maxBodyBytes: number;
  /** Answers that the present socket has carried. */
  answered: number;
  /** Sends the request again. */
  send(exchange: Exchange): void;
  /** Ends the socket, connected or connecting, and with it the request. */
  cutOff(reason: Error): void;
}

/** Unpacking up to this much is quicker than handing it to another thread, even if it is a bomb. */
const SYNC_GUNZIP_BYTES = 4096;

const gunzipAside = promisify(gunzip);

/**
 * One request and its answer. Whatever the cache does, it ends by the deadline (which a process that was held up itself
 * prolongs once), has held at most `maxBodyBytes`, and calls `done` once; what comes in later is passed over.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #carrier: Carrier;
  #deadline: NodeJS.Timeout;
  /** When it is due, in steady ms. */
  readonly #dueMs: number;
  #isProlonged = false;
  #done: ((outcome: FetchOutcome) => void) | null;
  #status = 0;
  #gzip = false;
  #contentType = '';
  #location = '';
  #chunks: Buffer[] = [];
  #size = 0;
  /** Whether the socket had carried an answer before. */
  #onKeptSocket: boolean;

  constructor(carrier: Carrier, done: (outcome: FetchOutcome) => void) {
    this.#carrier = carrier;
    this.#done = done;
    this.#onKeptSocket = carrier.answered > 0;
    this.#dueMs = performance.now() + carrier.timeoutMs;
    this.#deadline = setTimeout(() => this.#expire(), carrier.timeoutMs);
  }

  /** Ends without an outcome. */
  forget(): void {
    this.#done = null;
    clearTimeout(this.#deadline);
  }

  onRequestStart(): void {}

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#contentType = firstOf(headers['content-type']);
    if (isRedirect(status)) this.#location = firstOf(headers['location']);
    this.#gzip = firstOf(headers['content-encoding']).toLowerCase() === 'gzip';
    if (Number(headers['content-length'] ?? 0) > this.#carrier.maxBodyBytes)
      controller.abort(this.#tooLarge());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#carrier.maxBodyBytes) controller.abort(this.#tooLarge());
    else if (isSuccess(this.#status)) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#carrier.answered++;
    if (!isSuccess(this.#status)) {
      this.#finish(this.#badStatus());
      return;
    }
    const [only] = this.#chunks;
    const body =
      this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#size);
    if (this.#gzip && body.length > 0) this.#unpack(body);
    else this.#finish({ kind: 'answer', body, contentType: this.#contentType });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#wasIdleClose(error)) {
      this.#onKeptSocket = false;
      this.#carrier.send(this);
    } else this.#fail(error);
  }

  /** A kept connection may be closed by the cache just as it is used again: no failure of the cache, ask anew once. */
  #wasIdleClose(error: Error): boolean {
    const code = 'code' in error ? error.code : '';
    const dropped = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
    return dropped && this.#onKeptSocket && this.#status === 0 && this.#done !== null;
  }

  /** What came while this process was held up is still to be read: the time that was lost is given back, once. */
  #expire(): void {
    const lateMs = performance.now() - this.#dueMs;
    if (lateMs > NOTICEABLE_MS && !this.#isProlonged) {
      this.#isProlonged = true;
      this.#deadline = setTimeout(() => this.#expire(), Math.min(lateMs, this.#carrier.timeoutMs));
      return;
    }
    const error = new DeadlineError(`no whole answer within ${this.#carrier.timeoutMs} ms`);
    this.#fail(error);
    this.#carrier.cutOff(error);
  }

  #tooLarge(): BodyLimitError {
    return new BodyLimitError(`the body is larger than max_body_bytes (${this.#carrier.maxBodyBytes})`);
  }

  #unpack(packed: Buffer): void {
    const limit = { maxOutputLength: this.#carrier.maxBodyBytes };
    const answer = (body: Buffer): void =>
      this.#finish({ kind: 'answer', body, contentType: this.#contentType });
    if (packed.length > SYNC_GUNZIP_BYTES) {
      gunzipAside(packed, limit).then(answer, (error: unknown) => this.#fail(error));
      return;
    }
    let body: Buffer;
    try {
      body = gunzipSync(packed, limit);
    } catch (error) {
      this.#fail(error);
      return;
    }
    answer(body);
  }

  #fail(error: unknown): void {
    // The status alone has failed the poll, whatever becomes of the body.
    if (this.#status !== 0 && !isSuccess(this.#status)) {
      this.#finish(this.#badStatus());
      return;
    }
    const reason = error instanceof Error ? error : new Error(String(error));
    const phase = isSuccess(this.#status) ? 'body' : 'before-headers';
    this.#finish({ kind: 'failure', failure: fetchFailure(reason, this.#carrier.url, phase) });
  }

  #badStatus(): FetchOutcome {
    const failure = badStatus(this.#status);
    return this.#location === ''
      ? { kind: 'failure', failure }
      : { kind: 'failure', failure, location: this.#location };
  }

  #finish(outcome: FetchOutcome): void {
    const done = this.#done;
    this.forget();
    this.#chunks = [];
    done?.(outcome);
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

const firstOf = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? '';
