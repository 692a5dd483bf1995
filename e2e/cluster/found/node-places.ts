import type { KubeObject } from '../../api/rest.ts';
import type { ProvingNode } from '../proving-cluster.ts';

interface NodeSpec {
  readonly unschedulable?: boolean;
  readonly taints?: readonly { readonly effect: string }[];
}

interface NodeStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** The nodes that any pod may go to, ordered so that neighbours are in different zones where there are several. */
export function nodePlaces(nodes: readonly KubeObject[]): readonly ProvingNode[] {
  const zones = new Map<string, ProvingNode[]>();
  for (const node of nodes.filter(isOpen)) {
    const { name, labels = {} } = node.metadata;
    const zone = labels['topology.kubernetes.io/zone'] ?? '';
    const inZone = zones.get(zone) ?? [];
    inZone.push({ name, hostname: labels['kubernetes.io/hostname'] ?? name });
    zones.set(zone, inZone);
  }
  const rows = Math.max(0, ...[...zones.values()].map(({ length }) => length));
  return Array.from({ length: rows }, (_, row) =>
    [...zones.values()].flatMap((inZone) => inZone[row] ?? []),
  ).flat();
}

function isOpen({ spec, status, metadata }: KubeObject): boolean {
  const { unschedulable = false, taints = [] } = (spec ?? {}) as NodeSpec;
  const { conditions = [] } = (status ?? {}) as NodeStatus;
  const isReady = conditions.some((one) => one.type === 'Ready' && one.status === 'True');
  const isLinux = (metadata.labels?.['kubernetes.io/os'] ?? 'linux') === 'linux';
  return isReady && isLinux && !unschedulable && taints.every(({ effect }) => effect === 'PreferNoSchedule');
}
