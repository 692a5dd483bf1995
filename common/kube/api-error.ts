import type { Status } from './objects.ts';

/** The API server refused a request. The message names the request, the HTTP status and the server's own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; of an error within a watch the code that it gives. */
  readonly code: number;
  /** E.g. `NotFound`, `AlreadyExists`, `Conflict`, `Expired`; empty: the answer was no Status. */
  readonly reason: string;
  /** Method and path. */
  readonly request: string;
  /** How long the server asks to be left alone; null: it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    request: string,
    status: Partial<Status> & { readonly code: number },
    retryAfterMs: number | null,
  ) {
    const { code, reason = '', message = '' } = status;
    super([`${request}: ${code}`, reason, message].filter((part) => part !== '').join(' '));
    this.code = code;
    this.reason = reason;
    this.request = request;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No whole answer: refused, reset, not resolved, not trusted, too slow, too large. Nobody knows what was done. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly request: string;

  constructor(request: string, reason: string, cause?: unknown) {
    super(`${request}: ${reason}`, { cause });
    this.request = request;
  }
}

/** An answer of success that makes no sense: whoever answers there is no API server, or a broken one. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

/** Given up because the caller no longer wants the answer. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';

  constructor(request: string) {
    super(`${request}: given up`);
  }
}

const has = (error: unknown, code: number, reason?: string): boolean =>
  error instanceof ApiError && error.code === code && (reason === undefined || error.reason === reason);

export const isNotFound = (error: unknown): boolean => has(error, 404);
export const isForbidden = (error: unknown): boolean => has(error, 403);
/** The object has changed since it was read. */
export const isConflict = (error: unknown): boolean => has(error, 409) && !has(error, 409, 'AlreadyExists');
export const isAlreadyExists = (error: unknown): boolean => has(error, 409, 'AlreadyExists');
/** The spec breaks a rule, or changes a field that may not change. */
export const isInvalid = (error: unknown): boolean => has(error, 422);
/** The resource version or continue token is too old: list anew. */
export const isExpired = (error: unknown): boolean => has(error, 410);
