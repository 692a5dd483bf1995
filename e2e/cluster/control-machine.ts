import fs from 'node:fs';
import path from 'node:path';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
} from '../api/control-plane-arguments.ts';
import {
  type Access,
  kubeconfig,
  newUser,
  type User,
  writeServiceAccountKeys,
  writeTokenFile,
} from '../api/users.ts';
import type { Tools } from '../tools/tools.ts';
import { corefile, dnsUser } from './dns.ts';
import { run } from './host-command.ts';
import { apiServer, type NodePlace, network, nodes } from './layout.ts';
import type { Machine } from './machine.ts';
import type { NodeCredentials } from './node-files.ts';

const etcdClient = 'http://127.0.0.1:2379';
const etcdPeer = 'http://127.0.0.1:2380';

/** What runs on the machine of the control plane. */
export type ControlProgram =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'coredns';

/** The machine of the control plane: its files, and how its programs are started. */
export class ControlMachine {
  readonly machine: Machine;
  readonly #folder: string;
  readonly #tools: Tools<ControlProgram>;

  constructor(machine: Machine, folder: string, tools: Tools<ControlProgram>) {
    this.machine = machine;
    this.#folder = folder;
    this.#tools = tools;
  }

  /** Makes users, keys and certificates; before anything is started. */
  async prepare(): Promise<void> {
    const users: readonly User[] = [
      newUser('admin', 'system:masters'),
      newUser('system:kube-controller-manager'),
      newUser('system:kube-scheduler'),
      newUser('system:kube-proxy'),
      newUser(dnsUser),
      ...nodes.map((node) => newUser(kubeletUser(node), 'system:nodes')),
    ];
    fs.writeFileSync(this.#path('users.json'), JSON.stringify(users), { mode: 0o600 });
    writeTokenFile(this.#path('tokens.csv'), users);
    writeServiceAccountKeys(this.#folder);
    await this.#writeKubeletClient();
  }

  /** What the API server shows to kubelets, for logs and exec; they trust this very certificate. */
  async #writeKubeletClient(): Promise<void> {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-keyout', this.#path('kubelet-client.key'), '-out', this.#path('kubelet-client.crt')];
    const subject = ['-subj', '/O=system:masters/CN=kube-apiserver-kubelet-client'];
    const use = ['-addext', 'extendedKeyUsage=clientAuth', '-days', '365'];
    await run('openssl', 'req', '-x509', ...key, ...files, ...subject, ...use);
  }

  start(program: ControlProgram): void {
    this.machine.start(program, this.#tools[program], this.#argumentsOf(program));
  }

  #argumentsOf(program: ControlProgram): readonly string[] {
    switch (program) {
      case 'etcd':
        return etcdArguments(this.#folder, etcdClient, etcdPeer);
      case 'kube-apiserver':
        return this.#apiServerArguments();
      case 'kube-controller-manager':
        this.#writeKubeconfig('controller-manager', 'system:kube-controller-manager');
        return controllerManagerArguments(this.#folder);
      case 'kube-scheduler': {
        const file = this.#writeKubeconfig('scheduler', 'system:kube-scheduler');
        return [`--kubeconfig=${file}`, '--leader-elect=false', '--secure-port=0'];
      }
      case 'coredns': {
        const text = corefile(this.#writeKubeconfig('dns', dnsUser));
        fs.writeFileSync(this.#path('Corefile'), text);
        return [`-conf=${this.#path('Corefile')}`];
      }
    }
  }

  #apiServerArguments(): readonly string[] {
    return [
      ...apiServerArguments({
        folder: this.#folder,
        etcd: etcdClient,
        address: network.controlPlane,
        port: Number(new URL(apiServer).port),
        services: network.services,
        authorization: 'Node,RBAC',
      }),
      '--enable-admission-plugins=NodeRestriction',
      '--kubelet-preferred-address-types=InternalIP',
      `--kubelet-client-certificate=${this.#path('kubelet-client.crt')}`,
      `--kubelet-client-key=${this.#path('kubelet-client.key')}`,
    ];
  }

  /** Whether the API server has written its certificate, which takes it a moment after its first start. */
  get hasCertificate(): boolean {
    return fs.existsSync(this.#path('certs/apiserver.crt'));
  }

  /** How a user reaches the API server. */
  access(user: string): Access {
    const users = JSON.parse(fs.readFileSync(this.#path('users.json'), 'utf8')) as readonly User[];
    const token = users.find(({ name }) => name === user)?.token;
    if (token === undefined) throw new Error(`${user} is no user of the cluster`);
    return {
      server: apiServer,
      authority: fs.readFileSync(this.#path('certs/apiserver.crt'), 'utf8'),
      token,
    };
  }

  nodeCredentials(node: NodePlace): NodeCredentials {
    return {
      kubelet: kubeconfig(this.access(kubeletUser(node)), 'default'),
      proxy: kubeconfig(this.access('system:kube-proxy'), 'default'),
      clientAuthority: fs.readFileSync(this.#path('kubelet-client.crt'), 'utf8'),
    };
  }

  #writeKubeconfig(name: string, user: string): string {
    const file = this.#path(`${name}.kubeconfig`);
    fs.writeFileSync(file, kubeconfig(this.access(user), 'default'), { mode: 0o600 });
    return file;
  }

  #path(name: string): string {
    return path.join(this.#folder, name);
  }
}

function kubeletUser({ name }: NodePlace): string {
  return `system:node:${name}`;
}
