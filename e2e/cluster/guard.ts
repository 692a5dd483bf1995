/**
 * Waits beside a program that has the cluster, and cleans up when that ends without having said that the cluster is
 * to stay. It sees its end by that of their connection, so nothing that happens to the program is missed. While it
 * waits, no other program of this machine can have the cluster.
 */
import { alone } from '../tools/tool-cache.ts';
import { cleanUp } from './clean-up.ts';
import { clusterLock, type GuardMessage, type OwnerMessage } from './guarding.ts';

let kept = false;
const ownerGone = new Promise<void>((resolve) => {
  process.once('disconnect', resolve);
});
process.on('message', (message: OwnerMessage) => {
  if (message === 'keep') kept = true;
});
// Ctrl-C is for the program that it waits beside.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

function tell(message: GuardMessage): void {
  // The owner may be gone already; then there is nobody to tell.
  if (process.connected) process.send?.(message);
}

await alone(
  clusterLock,
  () => console.log('waiting for another program that has a cluster'),
  async () => {
    if (!process.connected) return;
    tell('yours');
    await ownerGone;
    if (!kept) await cleanUp();
  },
);
