import type { Rest, TextAnswer } from '../api/rest.ts';
import type { Helm } from '../chart/helm.ts';
import type { Cluster } from './cluster.ts';

/** How the image of operator and monitors gets to the nodes. */
export interface ClusterImage {
  /** As pods name it. */
  readonly name: string;
  readonly pullPolicy: 'Never' | 'IfNotPresent';
  /** Names of Secrets in the namespace that it is pulled with. */
  readonly pullSecrets: readonly string[];
}

/** A node that groups may be put on. */
export interface ProvingNode {
  readonly name: string;
  /** Its label `kubernetes.io/hostname`. */
  readonly hostname: string;
}

/** Asks the same server again and again. Rejects when nothing comes in time. */
export type Asking = (path: string, timeoutMs: number) => Promise<TextAnswer>;

/** Kubernetes as operator and monitors are proven on it: three nodes of our own, or a cluster that was found. */
export interface ProvingCluster {
  /** The nodes and the control plane, to be cut off and stopped at will; null: they are somebody else's. */
  readonly own: Cluster | null;
  /** For this run alone; made and deleted by it. */
  readonly namespace: string;
  readonly image: ClusterImage;
  /** Where pods reach servers of this very machine. */
  readonly hostAddress: string;
  /** Nodes for groups, those of different zones first; none: anywhere. */
  readonly nodes: readonly ProvingNode[];
  /** Whether the chart has to bring the definition of TrafficMonitorGroup. */
  readonly needsDefinition: boolean;
  /** All rights, by path. */
  readonly admin: Rest;
  readonly helm: Helm;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Makes the namespace, for pods under Pod Security "restricted". */
  createNamespace(): Promise<void>;
  /** A port of a pod. */
  reachPod(pod: { readonly name: string; readonly address: string }, port: number): Asking;
  /** A port of a Service; null: there is no such Service yet. */
  reachService(name: string, port: number): Promise<Asking | null>;
  /** Another image with the same programs, as a new build would be; its name is the same where there is none. */
  nextImage(): Promise<string>;
  /** Whether all nodes are ready, as far as it is for us to say. */
  isWhole(): Promise<boolean>;
  /** Waits until `check` holds; one that throws does not hold yet. Throws when it has not in time. */
  until(what: string, check: () => Promise<boolean>, limitMs?: number): Promise<void>;
  /** Ends it or leaves it, as it was found. */
  close(): Promise<void>;
}
