import path from 'node:path';

/** A Go module of ours that pins programs, in a folder of its own beside this file, and how they are linked. */
interface ModuleGroup {
  /** Given to the linker. */
  readonly ldflags: string;
  /** Program → its Go package. */
  readonly packages: Readonly<Record<string, string>>;
}

export const kubernetesVersion = '1.35.4';
const [major, minor] = kubernetesVersion.split('.');
const strip = '-s -w';

/** Without these the API server calls itself v0.0.0, and clients and charts go wrong. */
const kubernetesLdflags = [
  strip,
  ...[`gitVersion=v${kubernetesVersion}`, `gitMajor=${major}`, `gitMinor=${minor}`].map(
    (setting) => `-X k8s.io/component-base/version.${setting}`,
  ),
].join(' ');

/** One Go module a line: their dependencies want different versions of the same modules. */
export const moduleGroups = {
  etcd: { ldflags: strip, packages: { etcd: 'go.etcd.io/etcd/server/v3' } },
  kubernetes: {
    ldflags: kubernetesLdflags,
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    },
  },
  kubeconform: { ldflags: strip, packages: { kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform' } },
  coredns: { ldflags: strip, packages: { coredns: 'github.com/coredns/coredns' } },
  helm: { ldflags: strip, packages: { helm: 'helm.sh/helm/v4/cmd/helm' } },
} as const satisfies Readonly<Record<string, ModuleGroup>>;

type Packages = { [G in keyof typeof moduleGroups]: keyof (typeof moduleGroups)[G]['packages'] };

export type GroupName = keyof typeof moduleGroups;
export type ProgramName = Packages[GroupName];

/** The groups with their programs, in the order in which they are built. */
export const groups: readonly (readonly [GroupName, ModuleGroup])[] = Object.entries(
  moduleGroups,
) as unknown as readonly (readonly [GroupName, ModuleGroup])[];

export const allPrograms: readonly ProgramName[] = groups.flatMap(
  ([, { packages }]) => Object.keys(packages) as ProgramName[],
);

/** What a part of the tests needs. */
export const programSets = {
  api: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'],
  chart: ['helm', 'kubeconform'],
  /** For a cluster that is there already. */
  found: ['kubectl', 'helm'],
  cluster: [
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kubectl',
    'kube-scheduler',
    'kubelet',
    'kube-proxy',
    'coredns',
    'helm',
  ],
  all: allPrograms,
} as const satisfies Readonly<Record<string, readonly ProgramName[]>>;

/** The folder with a group's `go.mod` and `go.sum`. */
export function moduleFolder(group: GroupName): string {
  return path.join(import.meta.dirname, group);
}
