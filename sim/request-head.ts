/** What a simulated cache wants to know of a request. */
export interface RequestHead {
  /** The request's target holds `application=system`: a health poll. */
  readonly system: boolean;
  readonly acceptsCsv: boolean;
  readonly acceptsGzip: boolean;
  readonly close: boolean;
  /** Host header without port; empty: none. */
  readonly host: string;
}

/** Reads the head of a GET, without its empty line; null: not a GET of HTTP/1.x. */
export function parseRequestHead(head: string): RequestHead | null {
  const lineEnd = head.indexOf('\r\n');
  const requestLine = lineEnd < 0 ? head : head.slice(0, lineEnd);
  if (!requestLine.startsWith('GET ') || requestLine.indexOf(' HTTP/1.', 4) < 0) return null;
  const lower = lineEnd < 0 ? '' : head.slice(lineEnd).toLowerCase();
  return {
    system: requestLine.includes('application=system'),
    acceptsCsv: headerValue(lower, '\r\naccept:').includes('text/csv'),
    acceptsGzip: headerValue(lower, '\r\naccept-encoding:').includes('gzip'),
    close: headerValue(lower, '\r\nconnection:').includes('close') || requestLine.endsWith('HTTP/1.0'),
    host: withoutPort(headerValue(lower, '\r\nhost:')),
  };
}

function headerValue(lower: string, name: string): string {
  const at = lower.indexOf(name);
  if (at < 0) return '';
  const from = at + name.length;
  const to = lower.indexOf('\r\n', from);
  return (to < 0 ? lower.slice(from) : lower.slice(from, to)).trim();
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon < 0 || host.endsWith(']') ? host : host.slice(0, colon);
}
