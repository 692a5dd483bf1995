import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../tools/tool-cache.ts';
import { attempt, run } from './host-command.ts';

/** What an image is built from. */
export interface ImageBuild {
  /** The name that pods give: localhost/NAME:TAG */
  readonly name: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** Stages that are not built but stand here already, as folders. */
  readonly readyStages?: Readonly<Record<string, string>>;
}

/** Runs buildah with a store of its own, without a daemon, a registry or the machine's settings. */
export class Buildah {
  readonly #folder: string;

  constructor() {
    const folder = path.join(cacheFolder(), 'buildah');
    fs.mkdirSync(folder, { recursive: true });
    this.#folder = fs.mkdtempSync(path.join(folder, 'store-'));
    fs.writeFileSync(this.#policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  }

  get #policy(): string {
    return path.join(this.#folder, 'policy.json');
  }

  /** Builds an image and writes it to a file that containerd can import. */
  async build(image: ImageBuild, archive: string): Promise<void> {
    const given = Object.entries(image.buildArguments ?? {}).map(
      ([key, value]) => `--build-arg=${key}=${value}`,
    );
    const ready = Object.entries(image.readyStages ?? {}).map(([key, at]) => `--build-context=${key}=${at}`);
    const tag = [`--tag=${image.name}`, `--file=${image.dockerfile}`];
    const policy = `--signature-policy=${this.#policy}`;
    await this.#run(
      'build',
      policy,
      '--pull=never',
      '--isolation=chroot',
      ...given,
      ...ready,
      ...tag,
      image.context,
    );
    const half = `${archive}.${process.pid}`;
    await this.#run('push', policy, '--disable-compression', image.name, `oci-archive:${half}:${image.name}`);
    fs.renameSync(half, archive);
  }

  /** Makes an image of a folder, for others to be built on. */
  async buildBase(name: string, folder: string): Promise<void> {
    const dockerfile = path.join(this.#folder, 'base.Dockerfile');
    fs.writeFileSync(dockerfile, 'FROM scratch\nCOPY . /\n');
    const policy = `--signature-policy=${this.#policy}`;
    await this.#run('build', policy, '--isolation=chroot', `--tag=${name}`, `--file=${dockerfile}`, folder);
  }

  #run(command: string, ...args: readonly string[]): Promise<string> {
    const store = ['--root', path.join(this.#folder, 'root'), '--runroot', path.join(this.#folder, 'run')];
    return run('buildah', '--storage-driver=vfs', ...store, command, ...args);
  }

  /** Removes the store with all images that were not written to files. */
  async close(): Promise<void> {
    await attempt('rm', '-rf', this.#folder);
  }
}
