/** Reads routes of this monitor again and again, politely: not while nobody looks, and not twice at a time. */

const TIMEOUT_MS = 8000;

/** Reads a route once. Paths are relative, so that the page also works behind a proxy's prefix.
 * @param {string} route */
export async function read(route) {
  const response = await fetch(route, { cache: 'no-cache', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status !== 200) throw new Error(`${route} is answered with ${response.status}`);
  return { document: await response.json(), etag: response.headers.get('etag') };
}

/** Which routes do not answer now. */
export class Failures {
  #failing = new Set();
  #sinceMs = 0;
  #onChange;

  /** @param {(routes: readonly string[], sinceMs: number) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** @param {string} route @param {boolean} failed */
  report(route, failed) {
    if (failed === this.#failing.has(route)) return;
    if (failed && this.#failing.size === 0) this.#sinceMs = Date.now();
    if (failed) this.#failing.add(route);
    else this.#failing.delete(route);
    this.#onChange([...this.#failing], this.#sinceMs);
  }
}

/** One route that is read every few seconds. */
export class Reader {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {string | null} */
  #etag = null;
  #busy = false;
  #again = false;
  #options;

  /**
   * @param {object} options
   * @param {string | (() => string)} options.route
   * @param {number} options.everyMs
   * @param {(document: any) => void} options.show called for answers that are not the last one
   * @param {Failures} [options.failures] of routes that have to answer
   * @param {() => void} [options.onFailure]
   */
  constructor(options) {
    this.#options = options;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.#timer !== undefined) this.refresh();
    });
  }

  start() {
    if (this.#timer === undefined) this.refresh();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Shows the next answer even if it is the last one again. */
  forget() {
    this.#etag = null;
  }

  /** Reads now; when it is being read, once more afterwards. */
  refresh() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), this.#options.everyMs);
    if (document.hidden) return;
    if (this.#busy) this.#again = true;
    else this.#read();
  }

  async #read() {
    const { show, failures, onFailure } = this.#options;
    const route = typeof this.#options.route === 'string' ? this.#options.route : this.#options.route();
    this.#busy = true;
    try {
      const { document: answer, etag } = await read(route);
      failures?.report(route, false);
      if (etag === null || etag !== this.#etag) show(answer);
      this.#etag = etag;
    } catch {
      failures?.report(route, true);
      onFailure?.();
    }
    this.#busy = false;
    if (!this.#again) return;
    this.#again = false;
    this.#read();
  }
}
