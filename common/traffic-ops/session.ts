import { CookieJar } from 'tough-cookie';
import { alertsOf, saidBy } from './alerts.ts';
import { messageOf, TrafficOpsError } from './errors.ts';
import { type Answer, HttpExchange, withoutCredentials } from './exchange.ts';
import { topLevelValue } from './json-document.ts';
import { KeptDocument } from './kept-document.ts';
import { type Validators, validatorHeaders, validatorsOf } from './validators.ts';

export interface Connection {
  /** Base URL; one `/` at its end does no harm. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Do not verify the certificate. */
  readonly insecure: boolean;
  /** PEM of the authorities that its certificate is trusted by; undefined: those of the process. */
  readonly ca?: string | undefined;
}

export interface SessionOptions {
  readonly connection: Connection;
  /** Versions of one API major, the highest first. */
  readonly versions: readonly [string, ...string[]];
  readonly userAgent: string;
  /** For each exchange as a whole. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** The value of `response` of an answer. */
export interface ResponseValue {
  /** The very same object as last time when Traffic Ops said the same, or that nothing has changed. */
  readonly document: KeptDocument;
  readonly remoteAddress: string;
}

const LOGGED_IN = 'Successfully logged in.';
const MAX_SENDS = 4;
const RETRY_HIGHEST_VERSION_MS = 60_000;

/** One major version of the Traffic Ops API with its own cookies; rules: reference 2.1. */
export class TrafficOpsSession {
  readonly #options: SessionOptions;
  readonly #base: string;
  readonly #http: HttpExchange;
  readonly #cookies = new CookieJar();
  /** Path → the last whole answer; without validators it cannot be asked about conditionally. */
  readonly #known = new Map<
    string,
    { readonly validators: Validators | undefined; readonly document: KeptDocument }
  >();
  #version: string;
  #steppedDownAt = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#base = options.connection.url.replace(/\/$/, '');
    this.#http = new HttpExchange({ ...options.connection, timeoutMs: options.timeoutMs });
    this.#version = options.versions[0];
  }

  close(): void {
    this.#http.close();
  }

  /** @throws TrafficOpsError; of kind `login` if Traffic Ops answered but let nobody in */
  async login(signal: AbortSignal): Promise<void> {
    const { username, password } = this.#options.connection;
    const request = { body: JSON.stringify({ u: username, p: password }), headers: {} };
    const { answer, url } = await this.#sendVersioned('POST', 'user/login', request, signal);
    const success = alertsOf(answer.body).some(
      ({ level, text }) => level === 'success' && text === LOGGED_IN,
    );
    if (answer.status < 300 && success) return;
    const kind = answer.status === 501 ? 'status' : 'login';
    throw failed('POST', url, answer, kind, answer.status < 300 ? `no "${LOGGED_IN}"` : '');
  }

  /**
   * The value of `response` of `GET api/{version}/{path}`. Logs in again when Traffic Ops wants that.
   *
   * @throws TrafficOpsError
   */
  async get(path: string, signal: AbortSignal): Promise<ResponseValue> {
    for (let sends = 1; ; sends++) {
      const known = this.#known.get(path);
      const request = { headers: validatorHeaders(known?.validators) };
      const { answer, url } = await this.#sendVersioned('GET', path, request, signal);
      if ((answer.status === 401 || answer.status === 403) && sends < MAX_SENDS) {
        await this.login(signal);
        continue;
      }
      if (answer.status === 304 && known !== undefined) {
        return { document: known.document, remoteAddress: answer.remoteAddress };
      }
      if (answer.status >= 300) throw failed('GET', url, answer, 'status');
      return this.#remember(path, url, answer);
    }
  }

  #remember(path: string, url: string, answer: Answer): ResponseValue {
    const bytes = responseOf(url, answer);
    const known = this.#known.get(path)?.document;
    const document = known?.isOf(bytes) ? known : new KeptDocument(bytes);
    this.#known.set(path, { validators: validatorsOf(answer), document });
    return { document, remoteAddress: answer.remoteAddress };
  }

  /** Steps to the next lower minor version on 501, and tries the highest again after a minute. */
  async #sendVersioned(
    method: 'GET' | 'POST',
    path: string,
    request: { readonly headers: Readonly<Record<string, string>>; readonly body?: string },
    signal: AbortSignal,
  ): Promise<{ answer: Answer; url: string }> {
    const { versions, now } = this.#options;
    if (now() - this.#steppedDownAt >= RETRY_HIGHEST_VERSION_MS) this.#version = versions[0];
    for (;;) {
      const url = `${this.#base}/api/${this.#version}/${path}`;
      const answer = await this.#send(method, url, request, signal);
      const lower = versions[versions.indexOf(this.#version) + 1];
      if (answer.status !== 501 || lower === undefined) return { answer, url };
      this.#version = lower;
      this.#steppedDownAt = now();
    }
  }

  async #send(
    method: 'GET' | 'POST',
    url: string,
    request: { readonly headers: Readonly<Record<string, string>>; readonly body?: string },
    signal: AbortSignal,
  ): Promise<Answer> {
    const base = this.#options.connection.url;
    if (!/^https?:/i.test(base) || !URL.canParse(base)) {
      const shown = JSON.stringify(withoutCredentials(base));
      throw new TrafficOpsError('config', `the url of Traffic Ops is not one of http or https: ${shown}`);
    }
    const cookie = await this.#cookies.getCookieString(url);
    const headers = {
      'User-Agent': this.#options.userAgent,
      ...(cookie === '' ? {} : { Cookie: cookie }),
      ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...request.headers,
    };
    const body = request.body === undefined ? {} : { body: request.body };
    const answer = await this.#http.send({ method, url, headers, ...body, signal });
    for (const setCookie of answer.setCookies) {
      await this.#cookies.setCookie(setCookie, url, { ignoreError: true });
    }
    return answer;
  }
}

function responseOf(url: string, answer: Answer): Buffer {
  let bytes: Buffer | undefined;
  let reason = 'it has no "response"';
  try {
    bytes = topLevelValue(answer.body, 'response');
  } catch (error) {
    reason = messageOf(error);
  }
  if (bytes !== undefined) return bytes;
  throw failed('GET', url, answer, 'decode', reason);
}

function failed(
  method: string,
  url: string,
  answer: Answer,
  kind: TrafficOpsError['kind'],
  reason?: string,
): TrafficOpsError {
  const location = answer.header('location');
  const why = [
    reason,
    location === undefined ? '' : `redirects to ${withoutCredentials(location)}, which is not followed`,
  ];
  const extra = why.filter(Boolean).map((text) => ` (${text})`);
  const said = kind === 'decode' ? '' : saidBy(answer.body);
  const message = `${method} ${withoutCredentials(url)}: status ${answer.status}${extra.join('')}${said}`;
  return new TrafficOpsError(kind, message, answer);
}
