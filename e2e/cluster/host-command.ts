import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const limitMs = 120_000;

/** Runs a program of the machine to its end and gives what it printed. Throws with its words when it fails. */
export async function run(command: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: limitMs, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new Error(`${command} ${args.join(' ')}: ${stderr.trim() || message}`, { cause: error });
  }
}

/** Runs one of which it is no matter whether it succeeds: what it is to undo may not be there. */
export async function attempt(command: string, ...args: readonly string[]): Promise<void> {
  try {
    await run(command, ...args);
  } catch {
    // As said.
  }
}

/** Whether a program can be found. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0;
}
