import type { DeliveryServiceId } from '../../common/ids.ts';

/** The regexes that tell which host names are a delivery service's. */
export interface HostRegexes {
  readonly xmlId: DeliveryServiceId;
  readonly regexes: readonly string[];
}

/** Reference 4.7: the same order for sorting regexes into classes and for looking up names. */
export interface RegexClasses {
  /** `.*\.X\..*`, by X: the second label of a host name. */
  readonly dotFoo: ReadonlyMap<string, DeliveryServiceId>;
  /** Whole host names. */
  readonly exact: ReadonlyMap<string, DeliveryServiceId>;
  /** All others, in the order of the config (D37). */
  readonly patterns: readonly { readonly regex: RegExp; readonly xmlId: DeliveryServiceId }[];
  /** What was left out, and why, for people. */
  readonly warnings: readonly string[];
}

const DOT_FOO = /^\.\*\\\.(?<label>.*)\\\.\.\*$/s;
/** A label that means itself; others the Go monitor compares all the same, and never finds (D42). */
const LITERAL = /^[\w-]+$/;
/** What makes a text more than a name. */
const SYNTAX = /[[\]^\\:{}()|?+*,=%@<>!']/;

/** Nobody writes longer ones. */
const LONGEST_REGEX = 1000;

/**
 * Sorts regexes into classes. A regex that is bad, given twice or dangerous is left out with a warning; the Go monitor
 * would freeze all that it derives from the config (D42).
 */
export function classify(all: readonly HostRegexes[]): RegexClasses {
  const dotFoo = new Map<string, DeliveryServiceId>();
  const exact = new Map<string, DeliveryServiceId>();
  const patterns: { regex: RegExp; xmlId: DeliveryServiceId }[] = [];
  const owners = new Map<string, DeliveryServiceId>();
  const warnings: string[] = [];
  for (const { xmlId, regexes } of all) {
    for (const source of regexes) {
      const warn = (why: string): void => {
        const name = JSON.stringify(source.length > 100 ? `${source.slice(0, 100)}…` : source);
        warnings.push(`delivery service "${xmlId}": the host regex ${name} is left out: ${why}`);
      };
      const owner = owners.get(source);
      if (owner !== undefined) {
        if (owner !== xmlId) warn(`delivery service "${owner}" has the same one`);
        continue;
      }
      owners.set(source, xmlId);
      const label = DOT_FOO.exec(source)?.groups?.['label'];
      if (label !== undefined && LITERAL.test(label)) dotFoo.set(label, xmlId);
      else if (!SYNTAX.test(source)) exact.set(source, xmlId);
      else {
        const regex = compiled(source);
        if (typeof regex === 'string') warn(regex);
        else patterns.push({ regex, xmlId });
      }
    }
  }
  return { dotFoo, exact, patterns, warnings };
}

/** The regex, or why it is not used. */
function compiled(source: string): RegExp | string {
  if (source.length > LONGEST_REGEX) return `it is longer than ${LONGEST_REGEX} characters`;
  const needed = withoutEnds(source);
  if (isDangerous(needed)) return 'it could take for ever to match: simplify its repetitions';
  try {
    // As it was written, so that what is wrong with it is told of what was written.
    new RegExp(source);
    return new RegExp(needed);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Without `.*` at the start and the end, which mean nothing where a match may be anywhere, but cost time. */
function withoutEnds(source: string): string {
  const start = /^(?:\.\*)+(?![*+?{])/.exec(source)?.[0].length ?? 0;
  const rest = source.slice(start);
  const end = /(?<before>\\*)\.\*$/.exec(rest);
  return end !== null && (end.groups?.['before']?.length ?? 0) % 2 === 0 ? rest.slice(0, -2) : rest;
}

/** Each costs the length of the host name: three are 255³/6 steps at most, a few ms, once a host name. */
const MOST_REPETITIONS = 3;
const REPETITION = /^(?:[*+]|\{\d*,?\d*\})/;

/**
 * Whether JavaScript's matcher, which tries all ways, unlike Go's, could take exponential or high polynomial time:
 * a repeated group with a repetition or a choice in it (`(a+)+`, `(a|aa)*`), a reference back, or many repetitions.
 */
function isDangerous(source: string): boolean {
  if (/\\[1-9]|\\k</.test(source)) return true;
  const plain = source.replace(/\\./gs, 'a').replace(/\[[^\]]*\]/g, 'a');
  /** Per open group: whether there is more than one way through it. */
  const open: boolean[] = [];
  let repetitions = plain.startsWith('^') && !plain.includes('|') ? 0 : 1;
  for (let at = 0; at < plain.length; at++) {
    const character = plain[at];
    const repeats = REPETITION.test(plain.slice(at));
    if (repeats) repetitions++;
    if (character === '(') open.push(false);
    else if (character === ')') {
      const hasWays = open.pop() ?? false;
      if (hasWays && REPETITION.test(plain.slice(at + 1))) return true;
      if (hasWays && open.length > 0) open[open.length - 1] = true;
    } else if (open.length > 0) {
      // `(?:` begins a group, it makes nothing optional.
      const isChoice = character === '|' || (character === '?' && plain[at - 1] !== '(');
      if (repeats || isChoice) open[open.length - 1] = true;
    }
  }
  return repetitions > MOST_REPETITIONS;
}
