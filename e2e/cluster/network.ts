import fs from 'node:fs';
import { run } from './host-command.ts';
import { controlPlaneName, hostInterface, machineName, type NodePlace, network, nodes } from './layout.ts';

const bridge = 'br0';
const loopback = 'lo';

/**
 * A network namespace for each machine, on one bridge in the control plane's; the machine that the tests run on has
 * one end of a wire to it. Nothing leads out: no namespace has a route beyond the cluster.
 */
export async function createNetwork(): Promise<void> {
  await refuseTakenAddresses();
  const { prefixLength, controlPlane, host } = network;
  const control = controlPlaneName;
  await run('ip', 'netns', 'add', control);
  await run('ip', '-n', control, 'link', 'set', loopback, 'up');
  await run('ip', '-n', control, 'link', 'add', bridge, 'type', 'bridge');
  await run('ip', '-n', control, 'address', 'add', `${controlPlane}/${prefixLength}`, 'dev', bridge);
  await run('ip', '-n', control, 'link', 'set', bridge, 'up');
  const wire = ['type', 'veth', 'peer', 'name'];
  await run('ip', 'link', 'add', hostInterface, ...wire, 'host', 'netns', control);
  await run('ip', 'address', 'add', `${host}/${prefixLength}`, 'dev', hostInterface);
  await run('ip', 'link', 'set', hostInterface, 'up');
  await run('ip', '-n', control, 'link', 'set', 'host', 'master', bridge, 'up');
  for (const node of nodes) await addNode(node);
  for (const { address, pods } of nodes) {
    await run('ip', 'route', 'add', pods, 'via', address);
    await run('ip', '-n', control, 'route', 'add', pods, 'via', address);
    for (const other of nodes) {
      if (other.address === address) continue;
      await run('ip', '-n', machineName(other), 'route', 'add', pods, 'via', address);
    }
  }
  const [first] = nodes;
  if (first !== undefined) await routeServices(first);
}

/** Lets the machine of the tests reach Services through the kube-proxy of this node. */
export async function routeServices({ address }: NodePlace): Promise<void> {
  await run('ip', 'route', 'replace', network.services, 'via', address);
}

/**
 * A node forwards. And it forgets connections that got no answer after a second or two: tests ask so often from one
 * address that they come back to a port within the usual two minutes, and were led to a pod that had gone long ago.
 */
const settings = [
  'set -e',
  'echo 1 > /proc/sys/net/ipv4/ip_forward',
  'unanswered=/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_syn_sent',
  'if [ -e "$unanswered" ]; then echo 2 > "$unanswered"; fi',
];

async function addNode(node: NodePlace): Promise<void> {
  const machine = machineName(node);
  const control = controlPlaneName;
  await run('ip', 'netns', 'add', machine);
  await run('ip', '-n', machine, 'link', 'set', loopback, 'up');
  const peer = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', machine];
  await run('ip', '-n', control, 'link', 'add', node.name, ...peer);
  await run('ip', '-n', control, 'link', 'set', node.name, 'master', bridge, 'up');
  await run('ip', '-n', machine, 'address', 'add', `${node.address}/${network.prefixLength}`, 'dev', 'eth0');
  await run('ip', '-n', machine, 'link', 'set', 'eth0', 'up');
  // The kubelet wants a default route; this one ends in the control plane's namespace.
  await run('ip', '-n', machine, 'route', 'add', 'default', 'via', network.controlPlane);
  await run('nsenter', `--net=/var/run/netns/${machine}`, 'sh', '-c', settings.join('\n'));
}

/** Unplugs a node's wire; what is open stays open and is silent. */
export async function unplug({ name }: NodePlace): Promise<void> {
  await run('ip', '-n', controlPlaneName, 'link', 'set', name, 'down');
}

export async function plugIn({ name }: NodePlace): Promise<void> {
  await run('ip', '-n', controlPlaneName, 'link', 'set', name, 'up');
}

/** Which of the cluster's namespaces there are. */
export function existingNamespaces(names: readonly string[]): readonly string[] {
  return names.filter((name) => fs.existsSync(`/var/run/netns/${name}`));
}

async function refuseTakenAddresses(): Promise<void> {
  const routes = await run('ip', '-4', 'route', 'show', 'table', 'all');
  const taken = routes.split('\n').find((line) => /(^|\s)198\.1[89]\./.test(line));
  if (taken !== undefined) {
    throw new Error(`this machine uses addresses of the cluster itself (198.18.0.0/15): ${taken.trim()}`);
  }
}
