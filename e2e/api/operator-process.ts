import path from 'node:path';
import { closeServer, listenOn, portOf } from '../../sim/listening.ts';
import { BackgroundProgram } from './background-program.ts';

export interface OperatorProcessOptions {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** In leader elections. */
  readonly identity: string;
  readonly trafficOpsUrl: string;
  readonly logFolder: string;
  /** The one CDN that it looks after; absent: all of the namespace. */
  readonly cdn?: string;
}

const main = path.join(import.meta.dirname, '../../operator/main.ts');
const stopGraceMs = 10_000;

/** One operator, running as a program. */
export class OperatorProcess {
  readonly #program: BackgroundProgram;
  readonly url: string;
  readonly #keepers: NodeJS.Timeout[] = [];

  private constructor(program: BackgroundProgram, url: string) {
    this.#program = program;
    this.url = url;
  }

  static async start(options: OperatorProcessOptions): Promise<OperatorProcess> {
    const probe = await listenOn('127.0.0.1', 0);
    const port = portOf(probe);
    await closeServer(probe);
    const environment = {
      KUBECONFIG: options.kubeconfig,
      NAMESPACE: options.namespace,
      POD_NAME: options.identity,
      MONITOR_IMAGE: 'traffic-monitor:test',
      TRAFFIC_OPS_URL: options.trafficOpsUrl,
      LISTEN: `127.0.0.1:${port}`,
      CDN: options.cdn ?? '',
    };
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const program = new BackgroundProgram(
      options.identity,
      'env',
      [...settings, process.execPath, main],
      options.logFolder,
    );
    const operator = new OperatorProcess(program, `http://127.0.0.1:${port}`);
    program.start();
    return operator;
  }

  get running(): boolean {
    return this.#program.running;
  }

  /** The end of its log. */
  get lastWords(): string {
    return this.#program.lastWords;
  }

  /** Once more, after it has ended. */
  restart(): void {
    this.#program.start();
  }

  /** Starts it whenever it has ended, as its node's kubelet does; gives what ends that. */
  keepRunning(): () => void {
    const timer = setInterval(() => {
      if (!this.running) this.restart();
    }, 300);
    this.#keepers.push(timer);
    return () => clearInterval(timer);
  }

  async isLeader(): Promise<boolean> {
    return (await this.metric('leader_election_master_status')) === 1;
  }

  async isReady(): Promise<boolean> {
    return (await this.#ask('/readyz'))?.status === 200;
  }

  /** @throws Error if it does not run */
  get pid(): number {
    return this.#program.pid;
  }

  /** The value of a metric, summed over those of its labels that contain `label`; 0 if there is none. */
  async metric(name: string, label = ''): Promise<number> {
    const text = await (await this.#ask('/metrics'))?.text();
    const lines = (text ?? '')
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .filter((line) => line.includes(label));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** SIGTERM, as Kubernetes ends it for good. */
  stop(): Promise<void> {
    for (const timer of this.#keepers.splice(0)) clearInterval(timer);
    return this.#program.stop(stopGraceMs);
  }

  /** As if its node had lost power. */
  kill(): void {
    this.#program.kill();
  }

  /** As if its node stood still: its clock goes on. */
  pause(): Promise<void> {
    return this.#program.pause();
  }

  resume(): void {
    this.#program.resume();
  }

  async #ask(where: string): Promise<Response | null> {
    try {
      return await fetch(`${this.url}${where}`, { signal: AbortSignal.timeout(5000) });
    } catch {
      return null;
    }
  }
}
