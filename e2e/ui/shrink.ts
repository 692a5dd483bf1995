import { spawnSync } from 'node:child_process';

/** Fewer colours make a quarter of the bytes of a picture, and one does not see it. Needs pngquant. */
export function shrink(file: string): void {
  const { status, error } = spawnSync('pngquant', [
    '--force',
    '--skip-if-larger',
    '--ext',
    '.png',
    '64',
    file,
  ]);
  // 98: it would have become larger.
  if (error !== undefined || (status !== 0 && status !== 98))
    throw new Error(
      `pngquant failed for ${file}: ${error?.message ?? `status ${status}`}; on Debian: apt-get install pngquant`,
    );
}
