/**
 * Prints the list of the image's parts as CycloneDX: what npm says of the packages, without those that do not get into
 * the image, and with Node.js, which npm takes for development only. `npm run --silent sbom`
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { listImageFiles } from './image-files.ts';

const root = path.join(import.meta.dirname, '..');

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

/** A CycloneDX document, as far as it is changed here. */
export interface Bom {
  readonly metadata: { readonly component: Component; readonly [field: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly [field: string]: unknown;
}

export interface NodeProgram {
  readonly version: string;
  /** Of the program, in hex. */
  readonly sha256: string;
}

/**
 * npm's list, changed to what the image holds.
 *
 * @param inImage `name@version` of the packages
 */
export function imageBom(bom: Bom, name: string, inImage: ReadonlySet<string>, node: NodeProgram): Bom {
  const { component, ...metadata } = bom.metadata;
  const ref = `node@${node.version}`;
  const isThere = (one: string): boolean => inImage.has(one) || one === component['bom-ref'];
  return {
    ...bom,
    // npm takes the name of the folder.
    metadata: { ...metadata, component: { ...component, name, type: 'application' } },
    components: [
      ...bom.components.filter((one) => isThere(one['bom-ref'])),
      {
        'bom-ref': ref,
        type: 'platform',
        name: 'node',
        version: node.version,
        scope: 'required',
        purl: `pkg:generic/nodejs@${node.version}`,
        cpe: `cpe:2.3:a:nodejs:node.js:${node.version}:*:*:*:-:*:*:*`,
        hashes: [{ alg: 'SHA-256', content: node.sha256 }],
      },
    ],
    dependencies: [
      ...bom.dependencies
        .filter((one) => isThere(one.ref))
        .map((one) => ({
          ref: one.ref,
          dependsOn: [...one.dependsOn.filter(isThere), ...(one.ref === component['bom-ref'] ? [ref] : [])],
        })),
      { ref, dependsOn: [] },
    ],
  };
}

/** `name@version` of every package of which the image has files. */
export function packagesInImage(): ReadonlySet<string> {
  const manifests = listImageFiles().filter(([, file]) =>
    /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file),
  );
  return new Set(
    manifests.map(([file]) => {
      const { name, version } = JSON.parse(fs.readFileSync(file, 'utf8')) as Component;
      return `${name}@${version}`;
    }),
  );
}

/** @throws Error with what npm says, if it makes no list */
export function readImageBom(): Bom {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
  const { stdout, stderr, status, error } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  if (error !== undefined || status !== 0) throw new Error(`npm sbom failed: ${error?.message ?? stderr}`);
  const { name } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Component;
  const [program = ''] = listImageFiles().find(([, file]) => file === 'usr/local/bin/node') ?? [];
  const sha256 = createHash('sha256').update(fs.readFileSync(program)).digest('hex');
  const manifest = fs.readFileSync(path.join(root, 'node_modules', 'node', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as Component;
  return imageBom(JSON.parse(stdout) as Bom, name, packagesInImage(), { version, sha256 });
}

if (import.meta.main) console.log(JSON.stringify(readImageBom(), null, 2));
