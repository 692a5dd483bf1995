import type { Rest } from '../api/rest.ts';
import { network } from './layout.ts';

export const dnsUser = 'e2e:dns';

/** CoreDNS beside the API server, where no pod's fate is its own. */
export function corefile(kubeconfig: string): string {
  return `.:53 {
  bind ${network.controlPlane}
  errors
  ready 127.0.0.1:8181
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfig}
    ttl 5
  }
}
`;
}

/** Lets CoreDNS look, and leads the Service that pods ask to where it runs. */
export async function publishDns(rest: Rest): Promise<void> {
  const rbac = 'rbac.authorization.k8s.io';
  const role = { apiVersion: `${rbac}/v1`, metadata: { name: dnsUser } };
  await rest.apply(`/apis/${rbac}/v1/clusterroles/${dnsUser}`, {
    ...role,
    kind: 'ClusterRole',
    rules: [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  });
  await rest.apply(`/apis/${rbac}/v1/clusterrolebindings/${dnsUser}`, {
    ...role,
    kind: 'ClusterRoleBinding',
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: dnsUser },
    subjects: [{ kind: 'User', apiGroup: rbac, name: dnsUser }],
  });
  const name = 'kube-dns';
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  await rest.apply(`/api/v1/namespaces/kube-system/services/${name}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { clusterIP: network.dnsService, ports },
  });
  await rest.apply(`/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/${name}`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [network.controlPlane], conditions: { ready: true } }],
    ports,
  });
}
