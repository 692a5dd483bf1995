import { type ChildProcess, execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type GroupName, moduleFolder, moduleGroups, type ProgramName } from './programs.ts';
import { buildFlags, groupFolder } from './tool-cache.ts';

const keptLines = 30;
const tellEveryMs = 10_000;
/** Compilers at a time: each takes up to a gigabyte. */
const parallel = '2';

/** One `go build` of programs of a group, which shows how far it is. */
export class GoBuild {
  readonly #group: GroupName;
  readonly #programs: readonly ProgramName[];
  readonly #packages: readonly string[];
  /** The end of what it said besides names of packages: errors. */
  #said: string[] = [];
  #compiled = 0;

  constructor(group: GroupName, programs: readonly ProgramName[]) {
    const packages: Readonly<Record<string, string>> = moduleGroups[group].packages;
    this.#group = group;
    this.#programs = programs;
    this.#packages = programs.map((program) => packages[program] ?? '');
  }

  /** Builds all or nothing into the group's folder. Throws with the compiler's words. */
  async run(): Promise<void> {
    const started = performance.now();
    const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
    console.log(`building ${this.#programs.join(', ')} (once; kept in ${groupFolder(this.#group)})`);
    const total = await this.#countPackages();
    const ticker = setInterval(() => {
      console.log(`  ${this.#group}: ${this.#compiled} of at most ${total} packages compiled, ${seconds()}`);
    }, tellEveryMs);
    try {
      await this.#build();
    } finally {
      clearInterval(ticker);
    }
    console.log(`  ${this.#group}: done in ${seconds()}`);
  }

  /** Also downloads the modules. */
  async #countPackages(): Promise<number> {
    const args = ['list', '-deps', ...this.#packages];
    const { stdout } = await promisify(execFile)('go', args, { ...this.#where(), maxBuffer: 2 ** 26 });
    return stdout.trimEnd().split('\n').length;
  }

  async #build(): Promise<void> {
    const folder = groupFolder(this.#group);
    const half = `${folder}.building-${process.pid}`;
    fs.mkdirSync(half, { recursive: true });
    try {
      const args = ['build', '-v', '-p', parallel, ...buildFlags(this.#group), '-o', `${half}/`];
      // Lowest priority: what else runs on the machine, tests with deadlines among it, goes first.
      const child = spawn('nice', ['-n', '19', 'go', ...args, ...this.#packages], {
        ...this.#where(),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const failure = await this.#follow(child);
      if (failure !== null)
        throw new Error(`go build of ${this.#group} ${failure}:\n${this.#said.join('\n')}`);
      fs.mkdirSync(folder, { recursive: true });
      // One major version up, Go names a program for the folder before it: `server` for …/server/v3.
      for (const [index, program] of this.#programs.entries()) {
        const built = goName(this.#packages[index] ?? '');
        fs.renameSync(path.join(half, built), path.join(folder, program));
      }
    } finally {
      fs.rmSync(half, { recursive: true, force: true });
    }
  }

  /** Waits for the end; null when it went well. */
  #follow(child: ChildProcess): Promise<string | null> {
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
    const end = (): void => void child.kill('SIGTERM');
    process.once('exit', end);
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(`could not be started (${error.message})`));
      child.once('close', (code, signal) => {
        process.off('exit', end);
        resolve(code === 0 ? null : `ended with ${signal ?? `exit status ${code}`}`);
      });
    });
  }

  /** With `-v` it names each package that it compiles. */
  #take(line: string): void {
    if (/^[\w./~-]+$/.test(line)) this.#compiled += 1;
    else this.#said = [...this.#said, line].slice(-keptLines);
  }

  #where(): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
    // Without cgo the programs need no C compiler, and run wherever they are put.
    return { cwd: moduleFolder(this.#group), env: { ...process.env, CGO_ENABLED: '0' } };
  }
}

/** What `go build` calls the program of a package. */
function goName(packagePath: string): string {
  const parts = packagePath.split('/');
  const last = parts.at(-1) ?? '';
  return /^v\d+$/.test(last) ? (parts.at(-2) ?? '') : last;
}
