/**
 * Waits beside a program that has a cluster, and cleans up when that program ends without having said that it has
 * cleaned up itself, or that the cluster is to stay. It sees its end by that of its standard input, so nothing that
 * happens to the program is missed.
 */
import { text } from 'node:stream/consumers';
import { alone } from '../tools/tool-cache.ts';
import { cleanUp } from './clean-up.ts';
import { clusterLock, releaseWord } from './guarding.ts';

// Ctrl-C is for the program that it waits beside.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

if ((await text(process.stdin)).trim() !== releaseWord) {
  await alone(clusterLock, () => {}, cleanUp);
}
