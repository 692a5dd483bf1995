import { type Fault, nothing, pause } from './fault.ts';

/** So late kubelets and kube-proxy may ask an API server again that was away; before that they carry nothing out. */
const noticedMs = 30_000;

export const faultsOfControlPlane: readonly Fault[] = [
  {
    name: 'operator down',
    about: 'its Deployment scaled to 0 for 15 s (full: 10 min), and back to 2',
    async run(stage, length) {
      await stage.scaleOperator(0);
      try {
        await pause(length === 'full' ? 600_000 : 15_000);
      } finally {
        await stage.scaleOperator(2);
      }
      return nothing;
    },
  },
  {
    name: 'API server down',
    about: 'for 20 s (full: 2 min), and until kubelets and kube-proxy have noticed that it is back',
    onlyOnOwn: true,
    async run({ ground: { ownCluster: cluster } }, length) {
      await cluster.stopApiServer();
      try {
        await pause(length === 'full' ? 120_000 : 20_000);
      } finally {
        await cluster.startApiServer();
      }
      await pause(noticedMs);
      return nothing;
    },
  },
  {
    name: 'etcd restarted',
    about: 'and with it every write refused for a moment',
    onlyOnOwn: true,
    async run({ ground: { ownCluster: cluster } }) {
      await cluster.restartEtcd();
      await pause(5000);
      return nothing;
    },
  },
  {
    name: 'DNS down',
    about: 'of the cluster, for 10 s (full: 60 s)',
    onlyOnOwn: true,
    async run({ ground: { ownCluster: cluster } }, length) {
      await cluster.stopDns();
      try {
        await pause(length === 'full' ? 60_000 : 10_000);
      } finally {
        cluster.startDns();
      }
      return nothing;
    },
  },
];
