/** Where everything of the cluster is: one on a machine, so names and addresses are fixed. */

/** A node: a machine of its own as far as Kubernetes can tell. */
export interface NodePlace {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  /** Addresses of its pods, CIDR. */
  readonly pods: string;
}

/** 198.18.0.0/15 is set aside for tests of networks, so it is nobody's. */
export const network = {
  prefixLength: 24,
  /** Of the control plane: API server and DNS. */
  controlPlane: '198.18.0.1',
  /** Of the machine that the tests run on: pods reach the tests' own servers here. */
  host: '198.18.0.254',
  allPods: '198.18.128.0/17',
  services: '198.19.0.0/24',
  dnsService: '198.19.0.10',
} as const;

export const controlPlaneName = 'tmo-control';
/** The end of the cluster's wire in the network of the machine. */
export const hostInterface = 'tmo-host';
export const apiServer = `https://${network.controlPlane}:6443`;

export const nodes: readonly NodePlace[] = [1, 2, 3].map((number) => ({
  name: `node-${number}`,
  zone: `zone-${number}`,
  address: `198.18.0.${10 + number}`,
  pods: `198.18.${128 + number}.0/24`,
}));

/** The name of a node's network namespace and control group. */
export function machineName(node: NodePlace): string {
  return `tmo-${node.name}`;
}

export const machineNames: readonly string[] = [controlPlaneName, ...nodes.map(machineName)];

/** The node of this name. Throws when there is none. */
export function nodeNamed(name: string): NodePlace {
  const node = nodes.find((one) => one.name === name);
  if (node === undefined)
    throw new Error(`no node ${name}; there are ${nodes.map((one) => one.name).join(', ')}`);
  return node;
}
