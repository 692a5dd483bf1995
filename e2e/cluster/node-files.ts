import { dump } from 'js-yaml';
import { machineName, type NodePlace, network } from './layout.ts';

export const pauseImage = 'localhost/pause:e2e';
export const containerdSocket = '/run/containerd/containerd.sock';

const plugins = '/usr/lib/cni';

/** What a node is given to speak to the API server, and by what it knows the API server. */
export interface NodeCredentials {
  readonly kubelet: string;
  readonly proxy: string;
  readonly clientAuthority: string;
}

/** Files of a node, by their names below its folder. */
export function nodeFiles(
  node: NodePlace,
  folder: string,
  credentials: NodeCredentials,
): ReadonlyMap<string, string> {
  return new Map([
    ['containerd.toml', containerdConfig(folder)],
    ['net.d/10-pods.conflist', podNetwork(node)],
    ['kubelet.yaml', kubeletConfig(node, folder)],
    ['kubelet.kubeconfig', credentials.kubelet],
    ['proxy.kubeconfig', credentials.proxy],
    ['clients.crt', credentials.clientAuthority],
  ]);
}

export function containerdArguments(folder: string): readonly string[] {
  return [`--config=${folder}/containerd.toml`];
}

function containerdConfig(folder: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
address = "${containerdSocket}"

[plugins."io.containerd.internal.v1.opt"]
path = "/var/lib/containerd/opt"

[${cri}]
sandbox_image = "${pauseImage}"
restrict_oom_score_adj = true

[${cri}.containerd]
snapshotter = "overlayfs"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.cni]
bin_dir = "${plugins}"
conf_dir = "${folder}/net.d"
`;
}

/** A wire for each pod, and the node routes between them. */
function podNetwork({ pods }: NodePlace): string {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/cni',
    ranges: [[{ subnet: pods }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const wire = { type: 'ptp', ipMasq: false, ipam };
  const plugins = [wire, { type: 'portmap', capabilities: { portMappings: true } }];
  return JSON.stringify({ cniVersion: '0.4.0', name: 'pods', plugins }, null, 2);
}

function kubeletConfig(node: NodePlace, folder: string): string {
  return dump({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${folder}/clients.crt` },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${machineName(node)}`,
    clusterDNS: [network.dnsService],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    // The machine is not ours alone: however full its disk is, no pod is to suffer.
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    failCgroupV1: false,
    failSwapOn: false,
    resolvConf: '',
    // Pods start at once, however many there are.
    registryPullQPS: 0,
    volumePluginDir: '/var/lib/kubelet/plugins',
  });
}

export function kubeletArguments(node: NodePlace, folder: string): readonly string[] {
  const region = 'topology.kubernetes.io/region=e2e';
  return [
    `--config=${folder}/kubelet.yaml`,
    `--kubeconfig=${folder}/kubelet.kubeconfig`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
    `--node-labels=topology.kubernetes.io/zone=${node.zone},${region}`,
    '--root-dir=/var/lib/kubelet',
    '--cert-dir=/var/lib/kubelet/pki',
  ];
}

export function kubeProxyArguments(node: NodePlace, folder: string): readonly string[] {
  return [
    `--kubeconfig=${folder}/proxy.kubeconfig`,
    `--hostname-override=${node.name}`,
    '--proxy-mode=iptables',
    // What comes from elsewhere, as the tests do, gets its answers through the same node.
    `--cluster-cidr=${network.allPods}`,
    '--conntrack-max-per-core=0',
  ];
}
