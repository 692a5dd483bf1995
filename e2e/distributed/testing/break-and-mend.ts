import type { CacheName } from '../../../common/ids.ts';
import { sleep } from '../../../monitor/testing/waiting.ts';
import type { Truth } from './truth.ts';

const EVERY_MS = 200;
/** Steps by a prime from cache to cache, so that neighbours do not fail together. */
const STRIDE = 7;

/** Breaks one cache after the other; when a tenth is broken, the one that has been for longest is mended first. */
export async function breakAndMend(
  truth: Truth,
  caches: readonly CacheName[],
  isOver: () => boolean,
): Promise<void> {
  const broken: CacheName[] = [];
  for (let step = 0; !isOver(); await sleep(EVERY_MS)) {
    const oldest = broken.length >= caches.length / 10 ? broken.shift() : undefined;
    const cache = oldest ?? caches[(step++ * STRIDE) % caches.length];
    if (cache === undefined) return;
    if (oldest === undefined) broken.push(cache);
    await truth.turn(cache);
  }
}
