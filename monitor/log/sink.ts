import { close as closeFile, write } from 'node:fs';
import { promisify } from 'node:util';

export interface SinkOptions {
  /** Open for appending. */
  readonly fd: number;
  /** False for the process's own stdout and stderr. */
  readonly closesFd: boolean;
  /** Most bytes that wait. */
  readonly limitBytes?: number;
  /** Pause after a failed write, ms. */
  readonly retryMs?: number;
  /** These lines are lost. */
  readonly onDropped: (lines: number) => void;
  /** Writing has begun to fail; once until it works again. */
  readonly onFailure: (error: Error) => void;
  /** Half of the room is free again, after so many were lost. */
  readonly onDrained: (lost: number) => void;
}

const LIMIT_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 1000;
/** A pipe that is merely full. */
const FULL_RETRY_MS = 20;

/**
 * Appends lines to an open file in order, without ever blocking or throwing. What cannot be written (a full
 * disk, a pipe without a reader) waits and is tried again; beyond the limit new lines are dropped and
 * counted.
 *
 * Not a stream: `process.stdout` blocks the event loop while a pipe is full, and an `fs.WriteStream` ends
 * with its first error.
 */
export class Sink {
  readonly #options: SinkOptions;
  readonly #limitBytes: number;
  #lines: string[] = [];
  /** What is being written; empty if nothing is. */
  #batch: Buffer = Buffer.alloc(0);
  /** Bytes of batch and lines. */
  #waitingBytes = 0;
  #lost = 0;
  #isFailing = false;
  #retry: NodeJS.Timeout | undefined;
  #whenIdle: (() => void) | undefined;
  #isClosing = false;
  #isClosed = false;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#limitBytes = options.limitBytes ?? LIMIT_BYTES;
  }

  /** @param line without its line break. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#isClosed || this.#waitingBytes + bytes > this.#limitBytes) {
      this.#lost++;
      this.#options.onDropped(1);
      return;
    }
    this.#waitingBytes += bytes;
    this.#lines.push(line);
    if (this.#batch.length === 0) this.#nextBatch();
  }

  /**
   * Writes what waits and what still comes meanwhile, for `deadlineMs` at most; what waits then is dropped
   * and counted, and so is every later line.
   */
  async close(deadlineMs: number): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const isWritten = this.#batch.length === 0 || (await this.#isIdleWithin(deadlineMs));
    this.#isClosed = true;
    if (!isWritten) {
      clearTimeout(this.#retry);
      this.#options.onDropped(this.#lines.length + linesIn(this.#batch));
      this.#lines = [];
      // A write may still hang on the file: to close it now could let that write hit another file.
      return;
    }
    // A network file system may only now tell that it has no space.
    if (this.#options.closesFd) await promisify(closeFile)(this.#options.fd).catch(this.#options.onFailure);
  }

  #isIdleWithin(deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const deadline = setTimeout(resolve, deadlineMs, false);
      this.#whenIdle = () => {
        clearTimeout(deadline);
        resolve(true);
      };
    });
  }

  #nextBatch(): void {
    if (this.#lines.length === 0) {
      this.#whenIdle?.();
      return;
    }
    this.#batch = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#writeBatch();
  }

  #writeBatch(): void {
    write(this.#options.fd, this.#batch, 0, this.#batch.length, null, (error, written) => {
      if (error !== null) this.#failed(error);
      else this.#wrote(written);
    });
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#isClosed) return;
    const isFull = error.code === 'EAGAIN';
    const pause = isFull ? FULL_RETRY_MS : (this.#options.retryMs ?? RETRY_MS);
    this.#retry = setTimeout(() => this.#writeBatch(), pause);
    // A file that never works again does not keep the process alive; `close` does while it waits.
    this.#retry.unref();
    if (isFull || this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onFailure(error);
  }

  #wrote(bytes: number): void {
    this.#isFailing = false;
    this.#waitingBytes -= bytes;
    this.#batch = this.#batch.subarray(bytes);
    if (this.#batch.length > 0) {
      this.#writeBatch();
      return;
    }
    if (this.#lost > 0 && this.#waitingBytes <= this.#limitBytes / 2) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#options.onDrained(lost);
    }
    // The report of it may have begun the next batch.
    if (this.#batch.length === 0) this.#nextBatch();
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
