import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Agent } from 'undici';

/** One cache with a long history takes some; what never ends must not fill the memory. */
const LONGEST_LINE = 64 * 2 ** 20;

export interface LineSourceOptions {
  readonly userAgent: string;
  /** Longest wait for the first byte, and between two, in ms. */
  readonly timeoutMs: () => number;
}

/** What a monitor tells while it is told: long answers of other monitors, line by line. */
export class LineSource {
  readonly #options: LineSourceOptions;
  readonly #agent = new Agent({ allowH2: false, pipelining: 1, connections: 8 });

  constructor(options: LineSourceOptions) {
    this.#options = options;
  }

  /**
   * Asks at once, and yields the lines as they come and are taken. Throws if the answer is not a whole one with status
   * 200; the message is for people.
   *
   * @param signal ends the request: nobody wants the answer any more
   */
  lines(url: string, signal: AbortSignal): AsyncIterable<string> {
    const answer = this.#ask(url, signal);
    // Whoever waits for others first must not make this an error that nobody handles.
    answer.catch(() => {});
    return linesOf(answer);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #ask(url: string, signal: AbortSignal): Promise<Readable> {
    const timeoutMs = this.#options.timeoutMs();
    const { origin, pathname, search } = new URL(url);
    const { statusCode, headers, body } = await this.#agent.request({
      origin,
      path: pathname + search,
      method: 'GET',
      headers: { 'user-agent': this.#options.userAgent, 'accept-encoding': 'gzip' },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal,
    });
    if (statusCode !== 200) {
      body.destroy();
      body.on('error', () => {});
      throw new Error(`bad HTTP status: ${statusCode}`);
    }
    if (headers['content-encoding'] !== 'gzip') return body;
    const unpacked = createGunzip();
    body.on('error', (error) => unpacked.destroy(error));
    unpacked.on('close', () => body.destroy());
    return body.pipe(unpacked);
  }
}

async function* linesOf(answer: Promise<Readable>): AsyncGenerator<string> {
  const body = await answer;
  body.setEncoding('utf8');
  let begun = '';
  for await (const chunk of body as AsyncIterable<string>) {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      yield begun + line;
      begun = '';
    }
    begun += last;
    if (begun.length > LONGEST_LINE) throw new Error(`a line is longer than ${LONGEST_LINE} characters`);
  }
  if (begun !== '') throw new Error('the answer ends in the middle of a line');
}
