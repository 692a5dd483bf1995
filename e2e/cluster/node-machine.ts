import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tools } from '../tools/tools.ts';
import { createControlGroup } from './control-groups.ts';
import { machineName, type NodePlace } from './layout.ts';
import type { Machine } from './machine.ts';
import {
  containerdArguments,
  containerdSocket,
  kubeletArguments,
  kubeProxyArguments,
  type NodeCredentials,
  nodeFiles,
} from './node-files.ts';

const startLimitMs = 30_000;
const stopGraceMs = 5000;
const lookEveryMs = 50;

/** A node: containerd, kubelet and kube-proxy on a machine of its own. */
export class NodeMachine {
  readonly place: NodePlace;
  readonly machine: Machine;
  readonly #folder: string;
  readonly #tools: Tools<'kubelet' | 'kube-proxy'>;

  constructor(place: NodePlace, machine: Machine, folder: string, tools: Tools<'kubelet' | 'kube-proxy'>) {
    this.place = place;
    this.machine = machine;
    this.#folder = folder;
    this.#tools = tools;
  }

  /** Starts containerd with these images in it, then the kubelet, then kube-proxy. */
  async start(credentials: NodeCredentials, images: readonly string[]): Promise<void> {
    createControlGroup(machineName(this.place));
    for (const [name, text] of nodeFiles(this.place, this.#folder, credentials)) {
      const file = path.join(this.#folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text, { mode: 0o600 });
    }
    await this.machine.boot();
    this.machine.start('containerd', 'containerd', containerdArguments(this.#folder));
    await this.#untilContainerd();
    for (const image of images) await this.importImage(image);
    this.startKubelet();
    this.machine.start('kube-proxy', this.#tools['kube-proxy'], kubeProxyArguments(this.place, this.#folder));
  }

  startKubelet(): void {
    this.machine.start('kubelet', this.#tools.kubelet, kubeletArguments(this.place, this.#folder));
  }

  /** Its pods go on. */
  stopKubelet(): Promise<void> {
    return this.machine.stop('kubelet', stopGraceMs);
  }

  /** Makes the images of an archive ones that pods can name. */
  async importImage(archive: string): Promise<void> {
    await this.#ctr('images', 'import', archive);
  }

  /** Gives an image another name. */
  async tagImage(name: string, alias: string): Promise<void> {
    await this.#ctr('images', 'tag', '--force', name, alias);
  }

  #ctr(...args: readonly string[]): Promise<string> {
    return this.machine.execute('ctr', `--address=${containerdSocket}`, '--namespace=k8s.io', ...args);
  }

  async #untilContainerd(): Promise<void> {
    const end = performance.now() + startLimitMs;
    for (;;) {
      try {
        await this.#ctr('version');
        return;
      } catch (error) {
        if (performance.now() > end || !this.machine.runs('containerd')) {
          const words = this.machine.lastWords('containerd');
          throw new Error(`containerd of ${this.place.name} did not start:\n${words}`, { cause: error });
        }
        await sleep(lookEveryMs);
      }
    }
  }
}
