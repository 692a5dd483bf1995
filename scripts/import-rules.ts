import { isBuiltin } from 'node:module';
import path from 'node:path';
import { type ModuleImport, type ScannedModule, scanModule } from './module-scanner.ts';

/** All modules by their path in the project, with `/`. */
export type Modules = ReadonlyMap<string, string>;

/** Folder → the folders of ours that it may import, besides itself; folders that are not named may import anything. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  common: [],
  monitor: ['common'],
  operator: ['common'],
  sim: ['common'],
};

/** Poll → parse → health → peers → groups → serve: what comes first knows nothing of what comes after it. */
const mayNotImport: Readonly<Record<string, readonly string[]>> = {
  'monitor/config': ['poll', 'parse', 'health', 'peers', 'groups', 'stats', 'serve', 'ui'],
  'monitor/kube': ['poll', 'parse', 'health', 'peers', 'groups', 'stats', 'serve', 'ui'],
  'monitor/poll': ['health', 'peers', 'groups', 'stats', 'serve', 'ui'],
  'monitor/parse': ['poll', 'health', 'peers', 'groups', 'stats', 'serve', 'ui'],
  'monitor/health': ['poll', 'peers', 'groups', 'serve', 'ui'],
  'monitor/stats': ['poll', 'peers', 'groups', 'serve', 'ui'],
  'monitor/peers': ['poll', 'groups', 'serve', 'ui'],
  'monitor/groups': ['poll', 'serve', 'ui'],
};

/** Package → the only folders that may load it: it costs every process that does 60 MB of memory. */
const packagesOnlyIn: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['operator', 'e2e'],
};

/** Folders that do no I/O and read no clock, nor does anything that they use: time is an argument. */
const pureFolders: readonly string[] = [
  'monitor/parse',
  'monitor/health',
  'monitor/peers',
  'monitor/groups',
  'monitor/stats',
  'common/assignment',
  'operator/planning',
  'operator/resources',
];

/** Node's own modules that do neither I/O nor read a clock. */
const pureBuiltins: ReadonlySet<string> = new Set([
  'assert',
  'buffer',
  'crypto',
  'net',
  'string_decoder',
  'url',
  'util',
]);

const impureCode: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Date.now', /\bDate\s*\.\s*now\b/],
  ['new Date()', /\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())/],
  ['Date()', /(?<!new\s+)(?<![.\w])Date\s*\(/],
  ['performance', /(?<![.\w])performance\s*\./],
  ['process.hrtime', /\bprocess\s*\.\s*hrtime\b/],
  ['a timer', /(?<![.\w])(?:setTimeout|setInterval|setImmediate)\s*\(/],
  ['Math.random', /\bMath\s*\.\s*random\b/],
  ['crypto.randomUUID', /\brandom(?:UUID|Bytes|Int)\s*\(/],
  ['fetch', /(?<![.\w#])fetch\s*\(/],
];

/** Whether a file is a test, which the rules leave alone, or help for tests. */
export function isTest(file: string): boolean {
  return /\.i?test\.ts$/.test(file) || /(^|\/)testing\//.test(file);
}

/** All breaches of the import rules, each told in one line. */
export function findBreaches(modules: Modules): string[] {
  const scanned = new Map([...modules].map(([file, text]) => [file, scanModule(text)]));
  const breaches: string[] = [];
  for (const [file, { imports }] of scanned) {
    if (isTest(file)) continue;
    for (const one of imports) {
      const target = resolve(file, one);
      if (target === null) {
        const folders = one.typeOnly ? undefined : packagesOnlyIn[one.specifier];
        if (folders !== undefined && !folders.some((folder) => file.startsWith(`${folder}/`)))
          breaches.push(`${file} imports ${one.specifier}: only ${folders.join(' and ')} may load it`);
        continue;
      }
      if (isTest(target)) breaches.push(`${file} imports ${target}, which is there for tests`);
      const rule = brokenRule(file, target, one.typeOnly);
      if (rule !== null) breaches.push(`${file} imports ${target}: ${rule}`);
    }
    if (pureFolders.some((folder) => file.startsWith(`${folder}/`)))
      breaches.push(...findImpurities(file, scanned));
  }
  return breaches;
}

/** The file of ours that an import names; null for a package or one of Node's own modules. */
function resolve(file: string, { specifier }: ModuleImport): string | null {
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : null;
}

function brokenRule(file: string, target: string, typeOnly: boolean): string | null {
  const [from = '', to = ''] = [file, target].map((name) => name.split('/')[0]);
  const allowed = mayImport[from];
  if (allowed !== undefined && from !== to && !allowed.includes(to)) {
    return `${from}/ may import only ${[...allowed, from].map((folder) => `${folder}/`).join(' and ')}`;
  }
  const stage = file.split('/').slice(0, 2).join('/');
  const next = target.split('/').slice(0, 2).join('/');
  const later = mayNotImport[stage]?.some((name) => next === `monitor/${name}`) ?? false;
  // What a setting is, everybody may know.
  if (!later || (typeOnly && target === 'monitor/config/settings.ts')) return null;
  return `${stage}/ comes before ${next}/ and may not know of it`;
}

/** I/O and clocks in a module of a pure folder, or in anything of ours that it needs at run time. */
function findImpurities(start: string, scanned: ReadonlyMap<string, ScannedModule>): string[] {
  const breaches: string[] = [];
  const seen = new Set<string>([start]);
  const chains: string[][] = [[start]];
  for (let chain = chains.shift(); chain !== undefined; chain = chains.shift()) {
    const file = chain.at(-1) ?? start;
    const module = scanned.get(file);
    if (module === undefined) continue;
    const told = chain.join(' → ');
    for (const [name, pattern] of impureCode) {
      if (pattern.test(module.code)) breaches.push(`${told} uses ${name}: ${start} has to be pure`);
    }
    for (const one of module.imports) {
      if (one.typeOnly) continue;
      const target = resolve(file, one);
      if (target === null) {
        if (isImpure(one.specifier))
          breaches.push(`${told} imports ${one.specifier}: ${start} has to be pure`);
      } else if (!seen.has(target)) {
        seen.add(target);
        chains.push([...chain, target]);
      }
    }
  }
  return breaches;
}

/** Packages may do anything, so a pure folder has none. */
function isImpure(specifier: string): boolean {
  return !isBuiltin(specifier) || !pureBuiltins.has(specifier.replace(/^node:/, ''));
}
