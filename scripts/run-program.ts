import { spawn } from 'node:child_process';

export interface ProgramRun {
  /** True: ended by itself with exit status 0. */
  readonly succeeded: boolean;
  /** All that it wrote to stdout. */
  readonly stdout: string;
}

export interface ProgramOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** A program that takes longer is ended, with all that it started. */
  readonly limitMs?: number;
}

const defaultLimitMs = 600_000;

/** Runs a program to its end, without standard input, and shows what it writes as it comes. */
export function runProgram(
  program: string,
  args: readonly string[],
  { environment = process.env, limitMs = defaultLimitMs }: ProgramOptions = {},
): Promise<ProgramRun> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramRun>();
  // A process group of its own, so that nothing that it started outlives it.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment, detached: true });
  const endGroup = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Nothing of it is left.
    }
  };
  const interrupted = (): void => {
    endGroup('SIGTERM');
    process.exitCode = 130;
  };
  process.on('SIGTERM', interrupted).on('SIGINT', interrupted);
  const limit = setTimeout(() => {
    console.log(`ENDED: ${program} was still running after ${limitMs / 1000} s`);
    endGroup('SIGKILL');
  }, limitMs);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  });
  child.stderr.pipe(process.stderr, { end: false });
  child.on('error', reject);
  child.on('exit', () => endGroup('SIGKILL'));
  child.on('close', (code) => {
    clearTimeout(limit);
    process.off('SIGTERM', interrupted).off('SIGINT', interrupted);
    resolve({ succeeded: code === 0, stdout: Buffer.concat(chunks).toString() });
  });
  return promise;
}
