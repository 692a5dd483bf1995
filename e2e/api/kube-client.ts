import { KubeApi } from '../../common/kube/api.ts';
import { KubeTransport } from '../../common/kube/transport.ts';
import { findCluster } from '../../operator/kube/kube-config.ts';

/** Our client as the operator has it, from a kubeconfig; without a rate limit. */
export async function kubeClient(kubeconfig: string): Promise<{ api: KubeApi; transport: KubeTransport }> {
  const { credentials } = await findCluster({ KUBECONFIG: kubeconfig });
  const transport = new KubeTransport({ credentials, userAgent: 'e2e' });
  return { transport, api: new KubeApi({ transport, limit: null, deadlineMs: 20_000 }) };
}
