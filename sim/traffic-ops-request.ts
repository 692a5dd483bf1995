import type { IncomingMessage } from 'node:http';

/** The two documents that a monitor polls for. */
export type DocumentName = 'monitoring' | 'snapshot';

/** The document behind a route of this CDN; null: none. */
export function documentNameOf(route: string, cdn: string): DocumentName | null {
  // Clients differ in whether they escape the name in the path of the snapshot.
  for (const name of [cdn, encodeURIComponent(cdn)]) {
    if (route === `cdns/${name}/configs/monitoring`) return 'monitoring';
    if (route === `cdns/${name}/snapshot`) return 'snapshot';
  }
  return null;
}

/** Whether the request has the cookie of this session. */
export function hasSession(request: IncomingMessage, session: number): boolean {
  const cookies = (request.headers.cookie ?? '').split(/;\s*/);
  return cookies.includes(`mojolicious=session-${session}`);
}

/** Whether the body of a login has these credentials. */
export function isLogin(body: string, username: string, password: string): boolean {
  try {
    const login: unknown = JSON.parse(body);
    if (typeof login !== 'object' || login === null || !('u' in login) || !('p' in login)) return false;
    return login.u === username && login.p === password;
  } catch {
    return false;
  }
}
