/**
 * Gathers what the container image holds besides its base, and nothing else: Node.js, the packages that run in
 * production, and our sources without tests. `node scripts/image-files.ts FOLDER`; the Dockerfile and the
 * end-to-end tests both do.
 */
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** Folders of the programs, and what they need. */
const sources = ['common', 'monitor', 'operator'] as const;

/** What Node.js loads; types, maps and documents of packages are three quarters of them. */
const loaded = new Set(['.js', '.cjs', '.mjs', '.json', '.node', '.wasm']);

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** The image's files, by where they lie on this machine and in the image; in the same order every time. */
export function listImageFiles(): readonly (readonly [from: string, to: string])[] {
  const packages = productionPackages().flatMap((name) => filesBelow(name, isLoaded));
  const own = sources.flatMap((folder) => filesBelow(folder, isOurs));
  const app = ['package.json', 'LICENSE', ...own, ...packages].map(
    (file) => [path.join(root, file), path.posix.join('app', file)] as const,
  );
  return [[nodeBinary(), 'usr/local/bin/node'], ...app];
}

/** Copies them below a folder. */
export function writeImageFiles(target: string): void {
  for (const [from, to] of listImageFiles()) {
    const file = path.join(target, to);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.copyFileSync(from, file);
    // Whoever built it, everybody may read it and nobody but root may change it.
    fs.chmodSync(file, to === 'usr/local/bin/node' ? 0o755 : 0o644);
  }
}

/** The Node.js that package-lock.json pins: types are stripped by none but a recent one. */
function nodeBinary(): string {
  return path.join(root, 'node_modules', 'node', 'bin', 'node');
}

/** Folders of packages that are not for development alone, as far as they are installed. */
function productionPackages(): readonly string[] {
  const text = fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, LockedPackage>> };
  return (
    Object.entries(packages)
      .filter(([name, { dev, devOptional }]) => name !== '' && dev !== true && devOptional !== true)
      .map(([name]) => name)
      // Types alone are loaded by nobody.
      .filter((name) => !/\/(@types\/.*|undici-types)$/.test(name) && fs.existsSync(path.join(root, name)))
  );
}

/** Packages within packages are listed for themselves. */
function filesBelow(folder: string, wanted: (file: string) => boolean): readonly string[] {
  return fs
    .readdirSync(path.join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(name, wanted);
      return entry.isFile() && wanted(name) ? [name] : [];
    });
}

function isLoaded(file: string): boolean {
  // Licences want to go where the package goes.
  return loaded.has(path.extname(file)) || /^(licen[cs]e|notice)/i.test(path.basename(file));
}

function isOurs(file: string): boolean {
  return !/\.i?test\.ts$|(^|\/)testing\//.test(file);
}

if (process.argv[1] === import.meta.filename) {
  const [target] = process.argv.slice(2);
  if (target === undefined) throw new Error('usage: node scripts/image-files.ts FOLDER');
  writeImageFiles(target);
}
