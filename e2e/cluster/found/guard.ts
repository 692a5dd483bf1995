/**
 * Waits beside a program that proves something on a cluster that was found, and removes what that has made when it
 * ends in any way: `guard.ts RUN NAMESPACE`, with its KUBECONFIG.
 */
import { findCluster } from '../../../operator/kube/kube-config.ts';
import { Rest } from '../../api/rest.ts';
import type { GuardMessage } from '../guarding.ts';
import { removeTraces } from './traces.ts';

const [id = '', namespace = ''] = process.argv.slice(2);
const ownerGone = new Promise<void>((resolve) => {
  process.once('disconnect', resolve);
});
// Ctrl-C is for the program that it waits beside.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

if (process.connected) {
  const admin = new Rest((await findCluster(process.env)).credentials);
  if (process.connected) process.send?.('yours' satisfies GuardMessage);
  await ownerGone;
  await removeTraces(admin, { id, namespace });
  await admin.close();
}
