import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const documents = path.join(import.meta.dirname, '../../docs');

/** A block of commands in a document. */
export interface CommandBlock {
  readonly document: string;
  /** The title that it stands below. */
  readonly title: string;
  readonly commands: string;
}

/** All blocks of a document that are marked `sh`: those that tests run. */
export function commandBlocks(document: string): readonly CommandBlock[] {
  const blocks: CommandBlock[] = [];
  let title = '';
  let open: string[] | null = null;
  for (const line of fs.readFileSync(path.join(documents, document), 'utf8').split('\n')) {
    if (open !== null && line === '```') {
      blocks.push({ document, title, commands: open.join('\n') });
      open = null;
    } else if (open !== null) open.push(line);
    else if (line === '```sh') open = [];
    else if (line.startsWith('#')) title = line.replace(/^#+ /, '');
  }
  return blocks;
}

const limitMs = 180_000;

/** Runs a block as a person would, and gives what it prints. @throws {Error} when one of its commands fails */
export async function runCommands(
  { commands }: CommandBlock,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', commands], {
    cwd: folder,
    timeout: limitMs,
    maxBuffer: 2 ** 26,
    env: environment,
  });
  return stdout;
}
