/** Why a poll yielded no answer, in the classes that metrics count: decided where the failure arises. */
export const FAILURE_CLASSES = [
  'timeout',
  'refused',
  'reset',
  'unreachable',
  'dns',
  'tls',
  'protocol',
  'status',
  'too_large',
  'truncated',
  'encoding',
] as const;

export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** Thrown into a request whose time is up. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE';
}

/** Thrown into a request whose answer is larger than `max_body_bytes`. */
export class BodyLimitError extends Error {
  override readonly name = 'BodyLimitError';
  readonly code = 'BODY_LIMIT';
}

export interface FetchFailure {
  readonly class: FailureClass;
  /** What follows `fetch error: ` in the published status. */
  readonly text: string;
  /** Of class `status`. */
  readonly status?: number;
}

/** How far a request had come when it failed. */
export type FetchPhase = 'before-headers' | 'body';

export const badStatus = (status: number): FetchFailure => ({
  class: 'status',
  text: `bad HTTP status: ${status}`,
  status,
});

/** What the Go monitor calls this failure, as far as the two libraries can be compared: reference 3.4. */
export function fetchFailure(error: Error, url: string, phase: FetchPhase): FetchFailure {
  const { class: failureClass, cause } = causeOf(error, phase);
  const text = phase === 'body' ? `reading body: ${cause}` : `Get "${url}": ${cause}`;
  return { class: failureClass, text };
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';

const dialErrors: Readonly<Record<string, readonly [FailureClass, string]>> = {
  ECONNREFUSED: ['refused', 'connect: connection refused'],
  EHOSTUNREACH: ['unreachable', 'connect: no route to host'],
  ENETUNREACH: ['unreachable', 'connect: network is unreachable'],
  EADDRNOTAVAIL: ['unreachable', 'connect: cannot assign requested address'],
  ETIMEDOUT: ['timeout', 'connect: connection timed out'],
};

function causeOf(error: Error, phase: FetchPhase): { class: FailureClass; cause: string } {
  const code = codeOf(error);
  const dial = dialErrors[code];
  if (dial !== undefined) return { class: dial[0], cause: `dial tcp${addressOf(error)}: ${dial[1]}` };
  switch (code) {
    case 'DEADLINE':
      return {
        class: 'timeout',
        cause:
          phase === 'body'
            ? 'context deadline exceeded (Client.Timeout or context cancellation while reading body)'
            : 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      };
    case 'BODY_LIMIT':
      return { class: 'too_large', cause: error.message };
    case 'ECONNRESET':
    case 'EPIPE':
      return { class: 'reset', cause: 'read: connection reset by peer' };
    case 'UND_ERR_SOCKET':
      return { class: 'reset', cause: phase === 'body' ? 'unexpected EOF' : 'EOF' };
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return { class: 'truncated', cause: 'unexpected EOF' };
    case 'UND_ERR_HEADERS_OVERFLOW':
      return { class: 'protocol', cause: 'net/http: server response headers exceeded 16384 bytes; aborted' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { class: 'dns', cause: `dial tcp: ${error.message}` };
    case 'ERR_BUFFER_TOO_LARGE':
      return { class: 'too_large', cause: 'the unpacked body is larger than max_body_bytes' };
    default:
      return { class: classOf(code), cause: described(error, code) };
  }
}

function classOf(code: string): FailureClass {
  if (code.startsWith('HPE_')) return 'protocol';
  if (code.startsWith('Z_')) return 'encoding';
  if (/CERT|TLS|SSL|SIGNATURE|VERIFY/.test(code)) return 'tls';
  return 'protocol';
}

function described(error: Error, code: string): string {
  const message = error.message === '' ? code : error.message;
  // Not every error of the HTTP parser has a code.
  if (code.startsWith('HPE_') || error.name === 'HTTPParserError') {
    return `net/http: HTTP/1.x transport connection broken: malformed HTTP response (${message})`;
  }
  return message;
}

function addressOf(error: Error): string {
  if (!('address' in error) || typeof error.address !== 'string') return '';
  const port = 'port' in error && typeof error.port === 'number' ? `:${error.port}` : '';
  return ` ${error.address.includes(':') ? `[${error.address}]` : error.address}${port}`;
}
