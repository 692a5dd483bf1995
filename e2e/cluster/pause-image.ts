import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../tools/tool-cache.ts';
import { Buildah } from './buildah.ts';
import { run } from './host-command.ts';
import { pauseImage } from './node-files.ts';

const source = path.join(import.meta.dirname, 'pause');

/** The archive of the image that every pod starts with; built once. */
export async function pauseArchive(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['pause.c', 'Dockerfile']) hash.update(fs.readFileSync(path.join(source, file)));
  const archive = path.join(cacheFolder(), 'images', `pause-${hash.digest('hex').slice(0, 16)}.tar`);
  if (!fs.existsSync(archive)) await build(archive);
  return archive;
}

async function build(archive: string): Promise<void> {
  const context = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-pause-'));
  const buildah = new Buildah();
  try {
    const program = path.join(context, 'pause');
    await run('cc', '-Os', '-static', '-s', '-o', program, path.join(source, 'pause.c'));
    fs.mkdirSync(path.dirname(archive), { recursive: true });
    await buildah.build({ name: pauseImage, dockerfile: path.join(source, 'Dockerfile'), context }, archive);
  } finally {
    await buildah.close();
    fs.rmSync(context, { recursive: true });
  }
}
