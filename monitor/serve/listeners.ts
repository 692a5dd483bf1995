import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { parseListenAddress } from '../config/listen-address.ts';
import type { Settings } from '../config/settings.ts';
import { redirectTo } from './redirect.ts';

/** For answers of a listener that is given up. */
const RETIRE_GRACE_MS = 1000;

/** How often a server looks for requests that take too long, in ms: so much later than told they end at most. */
const checking = { connectionsCheckingInterval: 1000 };

interface Listener<S extends Server | SecureServer> {
  readonly address: string;
  readonly server: S;
}

/**
 * Where the monitor is reached: reference 1.3 and 1.5. New listeners are open before old ones are given up, so a SIGHUP
 * that goes wrong leaves all as it was (D7), and one that takes HTTPS away does (D62).
 */
export class Listeners {
  readonly #handler: RequestListener;
  #plainHandler: RequestListener;
  #plain: Listener<Server> | null = null;
  #secure: Listener<SecureServer> | null = null;

  constructor(handler: RequestListener) {
    this.#handler = handler;
    this.#plainHandler = handler;
  }

  /** Listens as the settings say. Throws, with everything as before, if an address or a certificate cannot be used. */
  async apply(settings: Settings): Promise<void> {
    const { ops } = settings;
    const before = { plain: this.#plain, secure: this.#secure };
    const certificate = ops.httpsListener === '' ? null : await readCertificate(ops.certFile, ops.keyFile);
    const secure = certificate === null ? null : await this.#openSecure(ops.httpsListener, certificate);
    try {
      this.#plain = await this.#openPlain(ops.httpListener);
    } catch (error) {
      if (secure !== null && secure !== before.secure) await closeWithin([secure], 0);
      throw error;
    }
    this.#secure = secure;
    this.#plainHandler = secure === null ? this.#handler : redirectTo(portOf(secure));
    for (const { server } of this.#open()) limitReading(server, settings.monitor.serveReadTimeoutMs);
    const kept = this.#open();
    const old = [before.plain, before.secure].filter((listener) => listener !== null);
    await closeWithin(
      old.filter((listener) => !kept.includes(listener)),
      RETIRE_GRACE_MS,
    );
  }

  /** Takes no more connections and waits for the answers that are under way; after `graceMs` they are cut off. */
  async close(graceMs: number): Promise<void> {
    const open = this.#open();
    this.#plain = null;
    this.#secure = null;
    await closeWithin(open, graceMs);
  }

  /** Ports that are listened on, HTTP first. */
  get ports(): readonly number[] {
    return this.#open().map(portOf);
  }

  #open(): readonly Listener<Server | SecureServer>[] {
    return [this.#plain, this.#secure].filter((listener) => listener !== null);
  }

  async #openPlain(address: string): Promise<Listener<Server>> {
    if (this.#plain?.address === address) return this.#plain;
    const server = createServer(checking, (request, response) => this.#plainHandler(request, response));
    await listen(server, address, 'httpListener');
    return { address, server };
  }

  async #openSecure(address: string, certificate: Certificate): Promise<Listener<SecureServer>> {
    if (this.#secure?.address === address) {
      this.#secure.server.setSecureContext(certificate);
      return this.#secure;
    }
    const server = createSecureServer({ ...checking, ...certificate }, this.#handler);
    await listen(server, address, 'httpsListener');
    return { address, server };
  }
}

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function readCertificate(certFile: string, keyFile: string): Promise<Certificate> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    // A pair that does not fit must fail here, before anything is changed.
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `HTTPS cannot be served with certFile "${certFile}" and keyFile "${keyFile}": ${reason}; both must be PEM files that belong together`,
    );
  }
}

function listen(server: Server | SecureServer, address: string, key: string): Promise<void> {
  const { host, port } = parseListenAddress(address, key);
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`cannot listen on ${key} "${address}": ${error.message}`)),
    );
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

const portOf = ({ server }: Listener<Server | SecureServer>): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Takes no more connections; ends when there are none left, which after `graceMs` are cut off. */
async function closeWithin(
  listeners: readonly Listener<Server | SecureServer>[],
  graceMs: number,
): Promise<void> {
  const cutOff = setTimeout(() => {
    for (const { server } of listeners) server.closeAllConnections();
  }, graceMs);
  await Promise.all(
    listeners.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  clearTimeout(cutOff);
}

function limitReading(server: Server | SecureServer, limitMs: number): void {
  server.requestTimeout = limitMs;
  server.headersTimeout = limitMs;
  // Go keeps an idle connection for as long as it would wait for a request.
  server.keepAliveTimeout = limitMs;
}
