import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunContext } from './canonical.ts';
import { compare, describe, type Misfit } from './compare.ts';
import type { Json, JsonObject } from './json.ts';
import type { Check } from './scenario.ts';
import { runScenario } from './steps.ts';
import type { WorldOptions } from './world.ts';

export interface CheckOptions extends WorldOptions {
  /** Folder of the documented differences: SCENARIO/ID.json. */
  readonly differences: string;
  /** Leave out what a scenario marks as a quirk of the recorded monitor. */
  readonly skipQuirks: boolean;
  readonly verbose: boolean;
}

export interface Problem {
  readonly id: string;
  readonly route: string;
  readonly lines: readonly string[];
}

export interface Verdict {
  readonly checks: number;
  readonly problems: readonly Problem[];
  /** Checks that differ as documented, with the number of the defect. */
  readonly differences: readonly string[];
  /** The end of what the monitor wrote. */
  readonly output: string;
}

/** Another right answer for one check, decided on and written down. */
export interface Difference {
  readonly defect: string;
  readonly why: string;
  readonly expected: Json;
}

const settleLimitMs = 1500;
const retryEveryMs = 150;
const misfitsShown = 15;

/** Runs a scenario and compares everything that it looks at with what was recorded. */
export async function checkScenario(directory: string, options: CheckOptions): Promise<Verdict> {
  let checks = 0;
  const problems: Problem[] = [];
  const differences: string[] = [];
  const { output, failure } = await runScenario(directory, options, async (check, observe, world) => {
    if (check.quirk !== undefined && options.skipQuirks) return;
    checks++;
    const route = 'route' in check ? check.route : '';
    const recorded = recordedAnswers(directory, check.id);
    if (recorded.length === 0) {
      problems.push({ id: check.id, route, lines: [`expected/${check.id}.json is missing`] });
      return;
    }
    const difference = readDifference(options.differences, path.basename(directory), check.id);
    const expectations = difference === null ? recorded : [...recorded, difference.expected];
    // What a monitor shows settles over time, so a misfit is looked at again for a moment.
    const end = performance.now() + (check.retryMs ?? settleLimitMs);
    let best = closest(check, expectations, await observe(), world.context);
    while (best.misfits.length > 0 && check.do !== 'sample' && performance.now() <= end) {
      await sleep(retryEveryMs, undefined, { signal: world.abort.signal });
      best = closest(check, expectations, await observe(), world.context);
    }
    if (best.misfits.length > 0) {
      problems.push({ id: check.id, route, lines: tell(check, best.misfits) });
    } else if (difference !== null && best.expected === difference.expected) {
      differences.push(`${check.id} (${difference.defect})`);
    }
  });
  if (failure !== null) problems.push({ id: '(run)', route: '', lines: tellFailure(failure, options) });
  return { checks, problems, differences, output };
}

/** The expectation that an answer fits best, and where it does not fit. */
function closest(
  check: Check,
  expectations: readonly Json[],
  actual: JsonObject,
  context: RunContext,
): { readonly expected: Json | undefined; readonly misfits: readonly Misfit[] } {
  const compareOne = check.do === 'sample' ? compareSample : compare;
  return expectations
    .map((expected) => ({ expected, misfits: compareOne(expected, actual, context) }))
    .reduce((best, one) => (one.misfits.length < best.misfits.length ? one : best));
}

/** All sampled values must be allowed ones, and the last must fit. */
function compareSample(expected: Json, actual: JsonObject, context: RunContext): Misfit[] {
  const { allowed, last } = expected as { allowed: Json[]; last: Json };
  const sampled = actual as { allowed: Json[]; last: Json };
  const strange = sampled.allowed.flatMap((value, i): Misfit[] => {
    const fits = allowed.some((one) => compare(one, value, context).length === 0);
    const why = 'is none of the allowed states';
    return fits ? [] : [{ path: `/allowed/${i}`, why, expected: allowed, actual: value }];
  });
  return [...compare(last, sampled.last, context, '/last'), ...strange];
}

/** What was recorded for a check; an answer may also be right in a second way, written by hand in `alt/`. */
function recordedAnswers(directory: string, id: string): Json[] {
  const file = path.join(directory, 'expected', `${id}.json`);
  const alternative = path.join(directory, 'alt', `${id}.json`);
  return [file, alternative].filter((name) => fs.existsSync(name)).map(readJson);
}

/** Null: no difference is documented for this check. */
function readDifference(folder: string, scenario: string, id: string): Difference | null {
  const file = path.join(folder, scenario, `${id}.json`);
  return fs.existsSync(file) ? parseDifference(readJson(file), file) : null;
}

/** Refuses a difference that does not name its defect and give its reason in a sentence. */
export function parseDifference(document: Json, file: string): Difference {
  const { defect, why, expected } = (document ?? {}) as { [Key in keyof Difference]?: Json };
  const numbered = typeof defect === 'string' && /^D\d+$/.test(defect);
  if (!numbered || typeof why !== 'string' || why.length < 20 || expected === undefined) {
    throw new Error(`${file}: a difference needs "defect" (like D39), "why" (a sentence) and "expected"`);
  }
  return { defect, why, expected };
}

function readJson(file: string): Json {
  return JSON.parse(fs.readFileSync(file, 'utf8')) as Json;
}

function tell(check: Check, misfits: readonly Misfit[]): string[] {
  const lines = misfits.slice(0, misfitsShown).flatMap(describe);
  if (check.quirk !== undefined) lines.unshift(`(a quirk of the recorded monitor: ${check.quirk})`);
  if (misfits.length > misfitsShown) lines.push(`… and ${misfits.length - misfitsShown} more`);
  return lines;
}

function tellFailure(failure: Error, { verbose }: CheckOptions): string[] {
  // These say all there is to know; anything else may be a fault of this program.
  const plain = /in vain|longer than|ended early/.test(failure.message);
  return verbose && !plain && failure.stack !== undefined ? [failure.stack] : [failure.message];
}
