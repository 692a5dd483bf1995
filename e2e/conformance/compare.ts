import type { RunContext } from './canonical.ts';
import { isEqual, isObject, type Json, type JsonObject } from './json.ts';
import { followsTokens, hasTokens, match } from './matchers.ts';

/** One place where an answer does not fit its expectation. */
export interface Misfit {
  /** JSON pointer into the answer. */
  readonly path: string;
  readonly why: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
}

/**
 * Compares an answer with an expectation, in which strings may be matchers and objects may be `@each`,
 * `@unordered` or `@optional`. Nothing is listed when it fits.
 */
export function compare(
  expected: Json,
  actual: Json | undefined,
  context: RunContext,
  path = '',
  parent?: Json,
): Misfit[] {
  const misfit = (why: string): Misfit => ({ path: path || '/', why, expected, actual });
  if (typeof expected === 'string') {
    const why = compareText(expected, actual, context, parent);
    return why === null ? [] : [misfit(why)];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [misfit('is not an array')];
    const misfits =
      actual.length === expected.length
        ? []
        : [misfit(`has ${actual.length} members, not ${expected.length}`)];
    const shared = expected.slice(0, actual.length);
    return misfits.concat(
      shared.flatMap((one, i) => compare(one, actual[i], context, `${path}/${i}`, actual)),
    );
  }
  if (isObject(expected)) {
    if ('@each' in expected || '@unordered' in expected) {
      if (!Array.isArray(actual)) return [misfit('is not an array')];
      return '@each' in expected
        ? compareEach(expected, actual, context, path)
        : compareUnordered(expected['@unordered'] as Json[], actual, context, path);
    }
    if (!isObject(actual)) return [misfit('is not an object')];
    return compareObjects(expected, actual, context, path);
  }
  return isEqual(expected, actual) ? [] : [misfit('differs')];
}

function compareText(
  expected: string,
  actual: Json | undefined,
  context: RunContext,
  parent?: Json,
): string | null {
  let fits: boolean;
  // A literal that begins with @ is written with @@.
  if (expected.startsWith('@@')) fits = actual === expected.slice(1);
  else if (expected.startsWith('@')) return match(expected, actual, context, parent);
  else if (hasTokens(expected)) fits = typeof actual === 'string' && followsTokens(expected, actual);
  else fits = actual === expected;
  return fits ? null : 'differs';
}

function compareEach(
  expected: JsonObject,
  actual: readonly Json[],
  context: RunContext,
  path: string,
): Misfit[] {
  const [low, high] = expected['@len'] as [number, number];
  const each = expected['@each'] as Json;
  const misfits = actual.flatMap((member, i) => compare(each, member, context, `${path}/${i}`, [...actual]));
  if (actual.length < low || actual.length > high) {
    const why = `has ${actual.length} members, not ${low}..${high}`;
    misfits.unshift({ path: path || '/', why, expected, actual: [...actual] });
  }
  return misfits;
}

function compareUnordered(
  expected: readonly Json[],
  actual: readonly Json[],
  context: RunContext,
  path: string,
): Misfit[] {
  const misfits: Misfit[] = [];
  const left = [...actual];
  for (const one of expected) {
    const index = left.findIndex((member) => compare(one, member, context).length === 0);
    if (index >= 0) left.splice(index, 1);
    else misfits.push({ path, why: 'lacks this member', expected: one, actual: [...actual] });
  }
  const unexpected = { path, why: 'has an unexpected member', expected: undefined };
  return misfits.concat(left.map((member) => ({ ...unexpected, actual: member })));
}

function compareObjects(
  expected: JsonObject,
  actual: JsonObject,
  context: RunContext,
  path: string,
): Misfit[] {
  const misfits: Misfit[] = [];
  const at = (key: string): string => `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  for (const [key, one] of Object.entries(expected)) {
    const optional = isObject(one) ? one['@optional'] : undefined;
    if (key in actual)
      misfits.push(
        ...compare(optional === undefined ? one : optional, actual[key], context, at(key), actual),
      );
    else if (optional === undefined) {
      misfits.push({ path: at(key), why: 'is missing', expected: one, actual: undefined });
    }
  }
  for (const [key, value] of Object.entries(actual)) {
    if (key in expected) continue;
    misfits.push({ path: at(key), why: 'is unexpected', expected: undefined, actual: value });
  }
  return misfits;
}

const longestShown = 300;

/** A misfit in lines for people. */
export function describe({ path, why, expected, actual }: Misfit): string[] {
  const lines = [`${path} ${why}`];
  if (expected !== undefined) lines.push(`  expected ${shorten(expected)}`);
  return [...lines, `  actual   ${shorten(actual)}`];
}

function shorten(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
