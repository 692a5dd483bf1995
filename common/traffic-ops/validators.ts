/** Conditional requests: what to remember of an answer so as to ask whether it changed. */

export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Without a validator that can be relied on: undefined. */
export function validatorsOf(answer: { header(name: string): string | undefined }): Validators | undefined {
  const etag = answer.header('etag');
  if (etag !== undefined) return { etag };
  const lastModified = answer.header('last-modified');
  if (lastModified === undefined) return undefined;
  // Its resolution is a second: what changed again within that second would never be seen (RFC 9110, 8.8.2.2).
  const age = Date.parse(answer.header('date') ?? '') - Date.parse(lastModified);
  return age >= 1000 ? { lastModified } : undefined;
}

export function validatorHeaders(validators: Validators | undefined): Record<string, string> {
  return {
    ...(validators?.etag === undefined ? {} : { 'If-None-Match': validators.etag }),
    ...(validators?.lastModified === undefined ? {} : { 'If-Modified-Since': validators.lastModified }),
  };
}
