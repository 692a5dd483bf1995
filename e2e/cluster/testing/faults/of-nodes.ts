import { type Fault, nothing, pause } from './fault.ts';
import type { Stage } from './stage.ts';

/** A node that is cut off has to be out of the Service by then. */
const goneLimitMs = 15_000;

export const faultsOfNodes: readonly Fault[] = [
  {
    name: 'kubelet restarted',
    about: 'of one node (full: of each in turn)',
    onlyOnOwn: true,
    async run({ ground: { ownCluster: cluster } }, length) {
      for (const { name } of length === 'full' ? cluster.nodes : cluster.nodes.slice(0, 1)) {
        await cluster.restartKubelet(name);
        await pause(5000);
      }
      return nothing;
    },
  },
  ...['node-1', 'node-2', 'node-3'].map(
    (node): Fault => ({
      name: `${node} cut off`,
      about: 'its wire is unplugged for 25 s (full: 90 s), and plugged in again',
      takesMonitors: true,
      onlyOnOwn: true,
      ...(node === 'node-2' ? {} : { only: 'full' }),
      run: (stage, length) => cutOff(stage, node, length === 'full' ? 90_000 : 25_000),
    }),
  ),
  {
    name: 'node drained',
    about: '`kubectl drain`, then `uncordon`',
    takesMonitors: true,
    onlyOnOwn: true,
    async run({ ground: { ownCluster: cluster } }) {
      const node = 'node-3';
      try {
        await cluster.kubectl(
          'drain',
          node,
          '--ignore-daemonsets',
          '--delete-emptydir-data',
          '--timeout=110s',
        );
      } finally {
        await cluster.kubectl('uncordon', node);
      }
      return nothing;
    },
  },
];

/**
 * Routers ask through another node: one that has lost its network has lost more than monitors. It is not the one of the
 * fault before, whose kube-proxy may take half a minute to hear of changes again.
 */
async function cutOff(stage: Stage, node: string, forMs: number) {
  const { ownCluster: cluster } = stage.ground;
  const names = cluster.nodes.map(({ name }) => name);
  await cluster.reachServicesThrough(names[(names.indexOf(node) + 1) % names.length] ?? node);
  const share = stage.shareOf(node);
  await cluster.cutOff(node);
  try {
    await pause(forMs);
  } finally {
    await cluster.join(node);
  }
  return { share, withinMs: goneLimitMs };
}
