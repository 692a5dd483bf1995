import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ControlPlane } from './control-plane.ts';

/** A service account with the rights that a monitor of a group needs and no more, in a namespace of its own. */
export class MonitorAccount {
  readonly namespace: string;
  /** What Kubernetes mounts into a pod. */
  readonly directory: string;

  private constructor(namespace: string, directory: string) {
    this.namespace = namespace;
    this.directory = directory;
  }

  static async create(plane: ControlPlane, group: string): Promise<MonitorAccount> {
    const namespace = await plane.createNamespace('monitor');
    await plane.grant('monitor', namespace, [
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [group],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'patch'] },
    ]);
    const directory = await mkdtemp(path.join(tmpdir(), 'service-account-'));
    const { authority, token } = plane.access('monitor');
    await writeFile(path.join(directory, 'token'), token);
    await writeFile(path.join(directory, 'ca.crt'), authority);
    await writeFile(path.join(directory, 'namespace'), namespace);
    return new MonitorAccount(namespace, directory);
  }

  /** Removes the directory; the namespace ends with the control plane. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}
