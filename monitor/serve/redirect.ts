import type { RequestListener } from 'node:http';

/**
 * What the HTTP listener does beside an HTTPS one: every request is sent there, reference 1.5. An `httpsListener` with
 * a host is listened on there, but the redirect keeps the host that the client used (D62).
 */
export function redirectTo(httpsPort: number): RequestListener {
  return (request, response) => {
    const host = hostOf(request.headers.host);
    if (host === null) {
      const body = '{"error": "getting host from request: the Host header is missing or malformed"}';
      response.writeHead(500, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      response.end(body);
      return;
    }
    const location = `https://${host}:${httpsPort}${request.url ?? '/'}`;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const body = isRead ? `<a href="${escaped(location)}">Moved Permanently</a>.\n\n` : '';
    response.writeHead(301, {
      Location: location,
      ...(isRead ? { 'Content-Type': 'text/html; charset=utf-8' } : {}),
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(request.method === 'HEAD' ? '' : body);
  };
}

function hostOf(header: string | undefined): string | null {
  const parts = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d+)?$/i.exec(header ?? '');
  return parts?.[1] ?? null;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
