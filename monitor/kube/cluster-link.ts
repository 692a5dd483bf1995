import { KubeApi } from '../../common/kube/api.ts';
import { InClusterCredentials, ownNamespace } from '../../common/kube/in-cluster.ts';
import { KubeTransport } from '../../common/kube/transport.ts';
import type { Log } from '../../common/log.ts';
import { AssignmentFeed, type AssignmentFeedOptions } from './assignment-feed.ts';
import { MemberLease, type MemberLeaseOptions } from './member-lease.ts';

export interface ClusterLinkOptions
  extends Pick<AssignmentFeedOptions, 'onDocument' | 'onProblem'>,
    Pick<MemberLeaseOptions, 'report'> {
  /** Name of the ConfigMap with the assignment document. */
  readonly configMap: string;
  /** Of this pod, so of its Lease. */
  readonly podName: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly userAgent: string;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the service account's files are. */
  readonly directory: string;
}

/**
 * What a monitor has to do with the API server: it reads one ConfigMap and writes one Lease. Without the API server
 * the monitor goes on with what it has.
 */
export class ClusterLink {
  readonly #transport: KubeTransport;
  readonly #feed: AssignmentFeed;
  readonly #lease: MemberLease;

  private constructor(options: ClusterLinkOptions, namespace: string, transport: KubeTransport) {
    const { log, podName, startedMs, report, onDocument, onProblem } = options;
    this.#transport = transport;
    const api = new KubeApi({ transport, limit: null });
    this.#feed = new AssignmentFeed({ api, namespace, name: options.configMap, onDocument, onProblem, log });
    const holder = `${podName}_${new Date(startedMs).toISOString()}`;
    this.#lease = new MemberLease({ api, namespace, name: podName, holder, report, log });
  }

  /** @throws Error if this is no pod with a service account: then there is nobody to ask */
  static async open(options: ClusterLinkOptions): Promise<ClusterLink> {
    const { environment, directory, userAgent } = options;
    const credentials = new InClusterCredentials(environment, directory);
    const namespace = await ownNamespace(directory);
    return new ClusterLink(options, namespace, new KubeTransport({ credentials, userAgent }));
  }

  start(): void {
    this.#feed.start();
    this.#lease.start();
  }

  /** What the monitor says of itself has changed in a way that others wait for. */
  reportNow(): void {
    this.#lease.renewNow();
  }

  /** Milliseconds since the API server last said anything about the ConfigMap; null: never. */
  get silentMs(): number | null {
    return this.#feed.silentMs;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#feed.stop(), this.#lease.stop()]);
    await this.#transport.close();
  }
}
