import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DEMO = join(import.meta.dirname, '..', '..', 'sim', 'demo.ts');
const READY_WITHIN_MS = 120_000;

/** `npm run demo` as a child process, and what it says of itself. */
export class RunningDemo {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';
  #isRunning = true;

  private constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [DEMO, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#isRunning = false;
        resolve(code);
      });
    });
  }

  /** Resolves when the monitors know all caches; rejects, with everything ended, if they do not. */
  static async start(args: readonly string[]): Promise<RunningDemo> {
    const demo = new RunningDemo(args);
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!demo.output.includes('know all caches') && !demo.output.includes('knows all caches')) {
      if (!demo.#isRunning || performance.now() > deadline) {
        await demo.stop();
        throw new Error(`the demo did not get ready:\n${demo.output}`);
      }
      await sleep(50);
    }
    return demo;
  }

  /** Pages of the monitors by group. */
  get pages(): ReadonlyMap<string, readonly string[]> {
    const lines = this.output.matchAll(/^ +(\w+) +(http:\S+\/) {2}(http:\S+\/)$/gm);
    return new Map([...lines].map(([, group = '', ...urls]) => [group, urls]));
  }

  /** Kills a group, or brings all back; what came of it. */
  async ask(what: 'kill' | 'back'): Promise<string> {
    const url = /curl (http:\S+)\/kill/.exec(this.output)?.[1];
    const answer = await fetch(`${url}/${what}`, { signal: AbortSignal.timeout(5000) });
    return answer.text();
  }

  /** Ctrl-C; its exit code. */
  stop(): Promise<number | null> {
    if (this.#isRunning) this.#child.kill('SIGINT');
    return this.ended;
  }

  kill(): void {
    if (this.#isRunning) this.#child.kill('SIGKILL');
  }
}
