import type { RequestOptions } from 'node:https';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Access, Credentials, TlsAccess } from '../../common/kube/credentials.ts';
import { InClusterCredentials, ownNamespace } from '../../common/kube/in-cluster.ts';
import { messageOf } from '../../common/message-of.ts';

/** Where the cluster is, who we are, and where we belong. */
export interface ClusterAccess {
  readonly credentials: Credentials;
  /** Of the pod, or of the kubeconfig's context. */
  readonly namespace: string;
}

/** Tokens and certificates are read anew that often; a command that makes tokens keeps them by itself. */
const REMEMBER_MS = 60_000;

/**
 * As every Kubernetes client finds its cluster: the kubeconfig that `KUBECONFIG` names, or the pod's service account,
 * or `~/.kube/config`.
 *
 * @throws Error that says what to do if there is none, or one that cannot be used
 */
export async function findCluster(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ClusterAccess> {
  const { KUBECONFIG = '', KUBERNETES_SERVICE_HOST = '' } = environment;
  if (KUBECONFIG === '' && KUBERNETES_SERVICE_HOST !== '') {
    return { credentials: new InClusterCredentials(environment), namespace: await ownNamespace() };
  }
  let config: KubeConfig;
  try {
    config = KUBECONFIG === '' ? loadDefault() : loadFiles(KUBECONFIG.split(path.delimiter).filter(Boolean));
  } catch (error) {
    throw new Error(`kubeconfig not usable: ${messageOf(error)}`, { cause: error });
  }
  const namespace = config.getContextObject(config.currentContext)?.namespace ?? 'default';
  return { credentials: new KubeConfigCredentials(config), namespace };
}

function loadFiles(files: readonly string[]): KubeConfig {
  const config = new KubeConfig();
  for (const [index, file] of files.entries()) {
    if (index === 0) {
      config.loadFromFile(file);
      continue;
    }
    const more = new KubeConfig();
    more.loadFromFile(file);
    // As with kubectl: the first file that says it decides.
    config.mergeConfig(more, true);
  }
  return config;
}

/** What the library makes up when it finds nothing. */
const MADE_UP = 'http://localhost:8080';

function loadDefault(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  if (config.getCurrentCluster()?.server === MADE_UP)
    throw new Error('there is none, and this is no pod; set KUBECONFIG to the path of one');
  return config;
}

/** What a kubeconfig says: certificates, tokens, passwords, or a command to ask. */
export class KubeConfigCredentials implements Credentials {
  readonly server: string;
  readonly #config: KubeConfig;
  #access: Access | null = null;
  #tls: TlsAccess = {};
  #readMs = 0;

  /** @throws Error if its current context names no cluster, or one that is reached in a way that we do not know */
  constructor(config: KubeConfig) {
    const cluster = config.getCurrentCluster();
    if (cluster === null) {
      throw new Error(
        `kubeconfig: the current context "${config.currentContext}" names no cluster; set KUBECONFIG, or use "kubectl config use-context"`,
      );
    }
    if (cluster.proxyUrl !== undefined)
      throw new Error(`kubeconfig: cluster "${cluster.name}" has a proxy-url, which is not supported`);
    this.server = cluster.server.replace(/\/+$/, '');
    this.#config = config;
    // As "kubectl proxy" serves; the library refuses plain HTTP unless told that nothing is to be verified.
    config.clusters = config.clusters.map((one) =>
      one.server.startsWith('http:') ? { ...one, skipTLSVerify: true } : one,
    );
  }

  async access(): Promise<Access> {
    const isFresh = performance.now() - this.#readMs < REMEMBER_MS;
    if (this.#access !== null && isFresh) return this.#access;
    this.#access = await this.#read();
    this.#readMs = performance.now();
    return this.#access;
  }

  forget(): void {
    this.#access = null;
  }

  async #read(): Promise<Access> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const headers = Object.entries(options.headers ?? {}).map(
      ([name, value]) => [name.toLowerCase(), String(value)] as const,
    );
    const login = typeof options.auth === 'string' ? basic(options.auth) : {};
    this.#tls = sameOr(this.#tls, tlsOf(options));
    return { headers: { ...login, ...Object.fromEntries(headers) }, tls: this.#tls };
  }
}

const basic = (login: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(login).toString('base64')}`,
});

/** Only what is given. */
function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): TlsAccess {
  const all = { ca, cert, key, servername, rejectUnauthorized };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The old object if nothing in it has changed, so that connections are kept. */
function sameOr(old: TlsAccess, read: TlsAccess): TlsAccess {
  const text = (tls: TlsAccess) => JSON.stringify(tls);
  return text(old) === text(read) ? old : read;
}
