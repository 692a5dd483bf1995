import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const projectRoot = path.join(import.meta.dirname, '..');

/** The project's files, by their path with `/`: all that Git tracks or would, were it told to. */
export function listProjectFiles(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const output = execFileSync('git', args, { cwd: projectRoot, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return output.split('\0').filter((file) => file !== '' && fs.existsSync(path.join(projectRoot, file)));
}

export function readProjectFile(file: string): string {
  return fs.readFileSync(path.join(projectRoot, file), 'utf8');
}
