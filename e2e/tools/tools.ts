import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { GoBuild } from './go-build.ts';
import { type GroupName, groups, type ProgramName } from './programs.ts';
import { alone, groupFolder } from './tool-cache.ts';

/** Program → its file. */
export type Tools<P extends ProgramName = ProgramName> = Readonly<Record<P, string>>;

/** All that was asked for, or why it is not there. */
export type FoundTools<P extends ProgramName> =
  | { readonly missing: null; readonly tools: Tools<P> }
  | { readonly missing: string; readonly tools: null };

/**
 * Finds programs in `KUBEBUILDER_ASSETS`, else in the cache, and builds those that are in neither, which takes
 * minutes the first time and shows its progress. Throws when a build fails.
 */
export async function findTools<P extends ProgramName>(names: readonly P[]): Promise<FoundTools<P>> {
  const absent = names.filter((name) => findProgram(name) === null);
  if (absent.length > 0) {
    if (!hasGo()) return { missing: withoutGo(absent), tools: null };
    await alone(
      'build-tools',
      () => console.log('waiting for another build of the same programs'),
      () => buildAbsent(absent),
    );
  }
  const files = names.map((name) => [name, findProgram(name)] as const);
  const lost = files.filter(([, file]) => file === null).map(([name]) => name);
  if (lost.length > 0) throw new Error(`built, but not in the cache afterwards: ${lost.join(', ')}`);
  return { missing: null, tools: Object.fromEntries(files) as Tools<P> };
}

/** Why programs cannot be had without building any; null when all are there or can be built. */
export function whyMissing(names: readonly ProgramName[]): string | null {
  const absent = names.filter((name) => findProgram(name) === null);
  return absent.length === 0 || hasGo() ? null : withoutGo(absent);
}

function withoutGo(absent: readonly ProgramName[]): string {
  return (
    `NOT HERE: ${absent.join(', ')}. Install Go 1.26 or later, which builds them once, ` +
    'or set KUBEBUILDER_ASSETS to a folder that holds them'
  );
}

function findProgram(name: ProgramName): string | null {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const group = groupOf(name);
  const folders = [...(assets === undefined ? [] : [assets]), groupFolder(group)];
  return folders.map((folder) => path.resolve(folder, name)).find((file) => fs.existsSync(file)) ?? null;
}

function groupOf(program: ProgramName): GroupName {
  for (const [group, { packages }] of groups) if (Object.hasOwn(packages, program)) return group;
  throw new Error(`no module pins ${program}`);
}

function hasGo(): boolean {
  return spawnSync('go', ['version']).status === 0;
}

async function buildAbsent(names: readonly ProgramName[]): Promise<void> {
  // Another process may have built them while this one waited.
  const absent = names.filter((name) => findProgram(name) === null);
  for (const [group] of groups) {
    const programs = absent.filter((name) => groupOf(name) === group);
    if (programs.length > 0) await new GoBuild(group, programs).run();
  }
}
