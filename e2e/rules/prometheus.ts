import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../sim/listening.ts';
import { filesIn, RULES_DIRECTORY } from './rule-files.ts';

const PROGRAM = '/usr/bin/prometheus';
const startLimitMs = 60_000;

/** null: there is a Prometheus; else why not, and what to do. */
export const missingPrometheus: string | null = fs.existsSync(PROGRAM)
  ? null
  : 'prometheus is missing: install the package of that name';

/** One target of a scrape, with the labels that discovery gives it. */
export interface Target {
  /** host:port */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A member of `scrape_configs`. */
export type ScrapeConfig = { readonly job_name: string } & Readonly<Record<string, unknown>>;

/** Scrapes exactly these. */
export const targetsAsTheyAre = (targets: readonly Target[]): readonly ScrapeConfig[] => [
  {
    job_name: 'traffic-monitor',
    static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })),
  },
];

/** Debian's Prometheus with our rules, in a folder of its own. It never outlives this process. */
export class Prometheus {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #folder: string;
  /** The end of its log. */
  #lastWords = '';
  readonly #kill = (): void => {
    this.#child.kill('SIGKILL');
    fs.rmSync(this.#folder, { recursive: true, force: true });
  };

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#child = child;
    this.#folder = folder;
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-2000);
    });
    process.on('exit', this.#kill);
  }

  /** Scrapes every `everySeconds` where nothing else is said, and evaluates the rules as often. */
  static async start(scrapes: readonly ScrapeConfig[], everySeconds: number): Promise<Prometheus> {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'prometheus-'));
    const port = await freePort(20_000);
    const config = {
      global: { scrape_interval: `${everySeconds}s`, evaluation_interval: `${everySeconds}s` },
      rule_files: filesIn(RULES_DIRECTORY, '.yaml'),
      scrape_configs: scrapes,
    };
    // JSON is YAML.
    fs.writeFileSync(path.join(folder, 'prometheus.yml'), JSON.stringify(config));
    const child = spawn(
      PROGRAM,
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const prometheus = new Prometheus(child, folder, port);
    await prometheus.#untilReady();
    return prometheus;
  }

  /** The `data` of an answer of its API. */
  ask(route: string): Promise<unknown> {
    return askPrometheus(this.url, route);
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    this.#kill();
    await this.#ended;
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + startLimitMs;
    for (;;) {
      try {
        await this.ask('status/buildinfo');
        return;
      } catch (error) {
        if (performance.now() > deadline || this.#child.exitCode !== null) {
          await this.stop();
          throw new Error(`Prometheus does not answer: ${this.#lastWords}`, { cause: error });
        }
        await sleep(100);
      }
    }
  }
}

/** The `data` of an answer of the API of the Prometheus at `url`. @throws if it is no success */
export async function askPrometheus(url: string, route: string): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/${route}`, { signal: AbortSignal.timeout(30_000) });
  const answer = (await response.json()) as { status: string; data: unknown; error?: string };
  assert.equal(answer.status, 'success', `${route}: ${answer.error}`);
  return answer.data;
}
