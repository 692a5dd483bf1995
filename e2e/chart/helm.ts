import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { dump } from 'js-yaml';

export const chartFolder = path.join(import.meta.dirname, '../../helm/traffic-monitor');

/** The chart's values, as deep as a test wants to set them. */
export type Values = Readonly<Record<string, unknown>>;

const limitMs = 120_000;

/** Helm's command line, without anything of the user's but what it is given. */
export class Helm {
  readonly #program: string;
  readonly #kubeconfig: string | null;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-helm-'));
  #count = 0;

  /**
   * @param kubeconfig null: for what needs no cluster, or one that the environment names
   * @param environment what programs need that a kubeconfig has asked for a token
   */
  constructor(program: string, kubeconfig: string | null, environment: NodeJS.ProcessEnv = {}) {
    this.#program = program;
    this.#kubeconfig = kubeconfig;
    this.#environment = environment;
  }

  /** Gives what it prints. @throws {Error} with its words when it fails */
  async run(args: readonly string[], values: Values | null = null): Promise<string> {
    const line = [
      ...args,
      ...(values === null ? [] : ['--values', this.#valuesFile(values)]),
      ...(this.#kubeconfig === null ? [] : ['--kubeconfig', this.#kubeconfig]),
    ];
    const places = Object.fromEntries(
      ['CACHE', 'CONFIG', 'DATA'].map((kind) => [`HELM_${kind}_HOME`, path.join(this.#folder, kind)]),
    );
    const { stdout } = await promisify(execFile)(this.#program, line, {
      maxBuffer: 2 ** 26,
      timeout: limitMs,
      env: { PATH: process.env['PATH'], HOME: this.#folder, ...this.#environment, ...places },
    });
    return stdout;
  }

  close(): void {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #valuesFile(values: Values): string {
    this.#count += 1;
    const file = path.join(this.#folder, `values-${this.#count}.yaml`);
    fs.writeFileSync(file, dump(values));
    return file;
  }
}
