/** How many tests passed, failed and were skipped. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };
export const onePassed: Tally = { ...nothing, passed: 1 };
export const oneFailed: Tally = { ...nothing, failed: 1 };

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
    }),
    nothing,
  );
}

/** The closing line: `3 passed, 1 failed, 2 skipped`. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

/** Reads a closing line back from the end of a program's output; null when there is none. */
export function readClosingLine(output: string): Tally | null {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const found = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(last);
  if (found === null) return null;
  const [, passed, failed, skipped = 0] = found;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

/** Reads the closing comments of a TAP report (`# pass 3`); null when they are not there. */
export function readTap(report: string): Tally | null {
  const count = (name: string): number | null => {
    const found = new RegExp(`^# ${name} (\\d+)$`, 'm').exec(report)?.[1];
    return found === undefined ? null : Number(found);
  };
  const [passed, failed, cancelled, skipped, todo] = [
    count('pass'),
    count('fail'),
    count('cancelled'),
    count('skipped'),
    count('todo'),
  ];
  if (passed === null || failed === null) return null;
  return { passed, failed: failed + (cancelled ?? 0), skipped: (skipped ?? 0) + (todo ?? 0) };
}
