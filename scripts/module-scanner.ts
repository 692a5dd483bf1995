/** One import or re-export in a module. */
export interface ModuleImport {
  readonly specifier: string;
  /** True: nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

/** What of a module's text the import rules look at. */
export interface ScannedModule {
  readonly imports: readonly ModuleImport[];
  /** The text without comments and with the contents of plain strings taken out. */
  readonly code: string;
}

// Order matters: a quote in a comment opens no string, and // in a string or a regular expression no comment.
const token = new RegExp(
  [
    /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)/,
    /(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")/,
    /(?<template>`(?:\\[\s\S]|[^`\\])*`)/,
    /(?<=(?:[=(,:;!&|?{}[\n>]|return)\s*)(?<regexp>\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*)/,
  ]
    .map((part) => part.source)
    .join('|'),
  'g',
);

const importOf =
  /(?:^|[;\n}])\s*(?:import|export)\s+(type\s+)?(?:[\w$*{][^'";]*?\sfrom\s*)?(?:'([^']+)'|"([^"]+)")/g;
const dynamicImport = /\bimport\s*\(\s*(?:'([^']+)'|"([^"]+)")\s*\)/g;

/** Finds the imports of a TypeScript module written in the usual forms. */
export function scanModule(text: string): ScannedModule {
  const withoutComments = replaceTokens(text, (groups, all) => (groups['comment'] === undefined ? all : ' '));
  const imports = [
    ...[...withoutComments.matchAll(importOf)].map(([, type, single, double]) => ({
      specifier: single ?? double ?? '',
      typeOnly: type !== undefined,
    })),
    ...[...withoutComments.matchAll(dynamicImport)].map(([, single, double]) => ({
      specifier: single ?? double ?? '',
      typeOnly: false,
    })),
  ];
  const code = replaceTokens(text, (groups, all) => {
    if (groups['comment'] !== undefined) return ' ';
    if (groups['string'] !== undefined) return "''";
    return groups['regexp'] === undefined ? all : '/regexp/';
  });
  return { imports, code };
}

function replaceTokens(
  text: string,
  replace: (groups: Readonly<Record<string, string | undefined>>, all: string) => string,
): string {
  return text.replace(token, (...args) => {
    const groups = args.at(-1) as Record<string, string | undefined>;
    return replace(groups, String(args[0]));
  });
}
