import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { listImageFiles, writeImageFiles } from '../../scripts/image-files.ts';
import { cacheFolder } from '../tools/tool-cache.ts';
import { Buildah } from './buildah.ts';
import { run } from './host-command.ts';

/** The image of operator and monitor, as pods name it. */
export const programImage = 'localhost/traffic-monitor-operator:e2e';

const root = path.join(import.meta.dirname, '../..');
const dockerfile = path.join(root, 'Dockerfile');
const baseImage = 'localhost/base:e2e';
/** What Node.js needs of a system. */
const basePackages = ['libc6', 'libgcc-s1', 'libstdc++6', 'netbase'];
const basePlaces = ['/etc/', '/lib/', '/lib64/', '/usr/lib/', '/usr/lib64/'];

/** The archive of the image, built by the project's own Dockerfile; again only when something in it has changed. */
export async function programArchive(): Promise<string> {
  const folder = path.join(cacheFolder(), 'images');
  const prefix = 'programs-';
  const archive = path.join(folder, `${prefix}${hashOfAll()}.tar`);
  if (fs.existsSync(archive)) return archive;
  fs.mkdirSync(folder, { recursive: true });
  await build(archive);
  // Each takes as much as Node.js does, and only the newest is wanted.
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith(prefix) && name !== path.basename(archive)) fs.rmSync(path.join(folder, name));
  }
  return archive;
}

function hashOfAll(): string {
  const hash = createHash('sha256').update(fs.readFileSync(dockerfile));
  for (const [from, to] of listImageFiles()) {
    hash.update(`\0${to}\0`);
    // A package's files change with its version alone, and that is in the lock file.
    if (!from.includes('node_modules')) hash.update(fs.readFileSync(from));
  }
  return hash
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
    .slice(0, 16);
}

async function build(archive: string): Promise<void> {
  console.log('building the image of operator and monitor');
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-image-'));
  const [base, files] = [path.join(scratch, 'base'), path.join(scratch, 'files')];
  const buildah = new Buildah();
  try {
    await writeBase(base);
    await buildah.buildBase(baseImage, base);
    writeImageFiles(path.join(files, 'image'));
    const image = { name: programImage, dockerfile, context: root };
    const buildArguments = { BASE: baseImage, REVISION: 'e2e' };
    await buildah.build({ ...image, buildArguments, readyStages: { files } }, archive);
  } finally {
    await buildah.close();
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Copies what Debian's packages put on this machine: no download, and no shell among it. */
async function writeBase(folder: string): Promise<void> {
  const listed = (await run('dpkg-query', '--listfiles', ...basePackages)).split('\n');
  for (const file of new Set(listed)) {
    if (!basePlaces.some((place) => file.startsWith(place))) continue;
    const found = fs.lstatSync(file, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) continue;
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    if (found.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(file), target);
    else fs.copyFileSync(file, target);
  }
}
