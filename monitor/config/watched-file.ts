import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

export interface WatchedFileOptions {
  readonly path: string;
  /** Its whole content, each time that it is another, or can be read again. */
  readonly onContent: (content: string) => void;
  /** It cannot be read; told once, until it can be read again. */
  readonly onProblem: (reason: string) => void;
  /** How often to look although nobody has told of a change, in ms: not every file system tells. */
  readonly lookEveryMs?: number;
}

/** Changes come in bursts: a file is truncated, then written; a ConfigMap is swapped by several renames. */
const SETTLE_MS = 50;

const LOOK_EVERY_MS = 5000;

/** Nothing that we read is near this. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/**
 * A file that others replace while we run: by writing, by renaming, or, as Kubernetes mounts a ConfigMap, by turning a
 * symbolic link to another folder. So its folder is watched, not the file; and now and then it is looked at anyway.
 */
export class WatchedFile {
  readonly #options: WatchedFileOptions;
  #watcher: FSWatcher | null = null;
  #lookTimer: NodeJS.Timeout | null = null;
  #settleTimer: NodeJS.Timeout | null = null;
  #content: string | null = null;
  #stamp = '';
  #problem: string | null = null;
  /** Reads follow one another. */
  #reading: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: WatchedFileOptions) {
    this.#options = options;
  }

  /** Reads it for the first time, and follows it from then on. Never throws: what is wrong goes to `onProblem`. */
  async start(): Promise<void> {
    this.#watchFolder();
    const { lookEveryMs = LOOK_EVERY_MS } = this.#options;
    this.#lookTimer = setInterval(() => this.#look(), lookEveryMs);
    this.#lookTimer.unref();
    await this.#readAnew();
  }

  stop(): void {
    this.#isStopped = true;
    this.#watcher?.close();
    if (this.#lookTimer !== null) clearInterval(this.#lookTimer);
    if (this.#settleTimer !== null) clearTimeout(this.#settleTimer);
  }

  #watchFolder(): void {
    try {
      const watcher = watch(path.dirname(this.#options.path), { persistent: false }, () => this.#settle());
      watcher.on('error', () => this.#stopWatching(watcher));
      this.#watcher = watcher;
    } catch {
      // The folder may come later; until then looking has to do.
      this.#watcher = null;
    }
  }

  #stopWatching(watcher: FSWatcher): void {
    watcher.close();
    if (this.#watcher === watcher) this.#watcher = null;
  }

  #settle(): void {
    if (this.#isStopped) return;
    this.#settleTimer ??= setTimeout(() => {
      this.#settleTimer = null;
      void this.#readAnew();
    }, SETTLE_MS);
  }

  #look(): void {
    if (this.#watcher === null) this.#watchFolder();
    this.#reading = this.#reading.then(async () => {
      if ((await this.#stampNow()) !== this.#stamp) await this.#read();
    });
  }

  #readAnew(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#isStopped) return;
    const { path: file, onContent, onProblem } = this.#options;
    try {
      const { size } = await stat(file);
      if (size > LARGEST_BYTES) throw new Error(`it has ${size} bytes; ${LARGEST_BYTES} are the limit`);
      // Taken before the content, so that a change in between is found by the next look.
      this.#stamp = await this.#stampNow();
      const content = await readFile(file, 'utf8');
      this.#problem = null;
      if (content === this.#content || this.#isStopped) return;
      this.#content = content;
      onContent(content);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === this.#problem || this.#isStopped) return;
      this.#problem = reason;
      // What it says next is news, even if it is what it said before.
      this.#content = null;
      onProblem(reason);
    }
  }

  /** Differs whenever the file is another, or was written to. */
  async #stampNow(): Promise<string> {
    try {
      const { ino, dev, size, mtimeNs } = await stat(this.#options.path, { bigint: true });
      return [dev, ino, size, mtimeNs].join(' ');
    } catch {
      return 'none';
    }
  }
}
