import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, monotonicClock } from '../clock.ts';
import { messageOf } from '../message-of.ts';
import type { Access, Credentials, TlsAccess } from './credentials.ts';

/** Where Kubernetes mounts what a pod needs to talk to the API server. */
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Tokens live for an hour and are replaced well before their end; client-go reads as often. */
const READ_EVERY_MS = 60_000;

/** The service account of the pod. Token and CA are files that Kubernetes replaces while we run. */
export class InClusterCredentials implements Credentials {
  readonly server: string;
  readonly #directory: string;
  readonly #clock: Pick<Clock, 'now'>;
  #access: Access | null = null;
  #tls: TlsAccess = {};
  /** null: to be read before the next request. */
  #readMs: number | null = null;

  /** @throws Error if this does not run in a pod */
  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    directory: string = SERVICE_ACCOUNT_DIR,
    clock: Pick<Clock, 'now'> = monotonicClock,
  ) {
    const host = environment['KUBERNETES_SERVICE_HOST'] ?? '';
    const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
    if (host === '')
      throw new Error('KUBERNETES_SERVICE_HOST is not set: this is no pod, so the API server is not known');
    this.server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#directory = directory;
    this.#clock = clock;
  }

  async access(): Promise<Access> {
    const isFresh = this.#readMs !== null && this.#clock.now() - this.#readMs < READ_EVERY_MS;
    if (this.#access !== null && isFresh) return this.#access;
    try {
      this.#access = await this.#read();
      this.#readMs = this.#clock.now();
    } catch (error) {
      // The old token may still be good; if not, the server says so.
      if (this.#access === null) throw error;
    }
    return this.#access;
  }

  forget(): void {
    this.#readMs = null;
  }

  async #read(): Promise<Access> {
    const token = (await this.#contentOf('token')).trim();
    const ca = await this.#contentOf('ca.crt');
    if (this.#tls.ca !== ca) this.#tls = { ca };
    return { headers: { authorization: `Bearer ${token}` }, tls: this.#tls };
  }

  async #contentOf(name: string): Promise<string> {
    const file = path.join(this.#directory, name);
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      throw new Error(`service account file ${file} not read: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** The namespace of this pod. @throws Error if the file cannot be read */
export async function ownNamespace(directory: string = SERVICE_ACCOUNT_DIR): Promise<string> {
  return (await readFile(path.join(directory, 'namespace'), 'utf8')).trim();
}
