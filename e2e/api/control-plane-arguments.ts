import path from 'node:path';

/** How an API server is reached, and where its files lie. */
export interface ApiServerPlace {
  /** Holds `tokens.csv` and `service-accounts.key`/`.pub`; it writes its serving certificate into `certs/`. */
  readonly folder: string;
  readonly etcd: string;
  readonly address: string;
  readonly port: number;
  /** Range of Service addresses. */
  readonly services: string;
  readonly authorization: 'RBAC' | 'Node,RBAC';
}

/** An etcd that keeps nothing beyond the test, so it need not wait for the disk. */
export function etcdArguments(folder: string, client: string, peer: string): readonly string[] {
  return [
    `--data-dir=${path.join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerArguments({
  folder,
  etcd,
  address,
  port,
  services,
  authorization,
}: ApiServerPlace): readonly string[] {
  return [
    `--etcd-servers=${etcd}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    `--cert-dir=${path.join(folder, 'certs')}`,
    `--service-cluster-ip-range=${services}`,
    `--authorization-mode=${authorization}`,
    '--allow-privileged',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${path.join(folder, 'service-accounts.pub')}`,
    `--service-account-signing-key-file=${path.join(folder, 'service-accounts.key')}`,
    `--token-auth-file=${path.join(folder, 'tokens.csv')}`,
  ];
}

/** StatefulSet pods, garbage collection, EndpointSlices, service account tokens. */
export function controllerManagerArguments(folder: string): readonly string[] {
  return [
    `--kubeconfig=${path.join(folder, 'controller-manager.kubeconfig')}`,
    `--service-account-private-key-file=${path.join(folder, 'service-accounts.key')}`,
    `--root-ca-file=${path.join(folder, 'certs', 'apiserver.crt')}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    // It serves nothing.
    '--secure-port=0',
  ];
}
