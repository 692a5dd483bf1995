import { parseArgs } from 'node:util';

export interface CompareOptions {
  readonly ours: string;
  readonly theirs: string;
  readonly intervalMs: number;
  readonly toleranceMs: number;
  /** null: until somebody ends it. */
  readonly seconds: number | null;
  /** null: no metrics. */
  readonly metricsPort: number | null;
  /** Do not verify certificates. */
  readonly insecure: boolean;
}

export const USAGE = `node monitor/compare.ts --ours URL --theirs URL [options]

Compares the CrStates of two Traffic Monitors of one CDN until Ctrl-C.

  --ours URL, --theirs URL   the monitors, e.g. http://tm-1.example.net; with a path, exactly this document
  --interval MS              time between two samples, default 1000
  --tolerance MS             a disagreement that is over by then is counted but not held against them, default 5000
  --seconds N                end after so long
  --metrics-port N           serve Prometheus metrics at /metrics meanwhile
  --insecure                 do not verify TLS certificates

Exit status: 0 they agree, 1 they disagreed for longer than the tolerance, 2 they could not be compared.`;

/** @throws {Error} naming the argument and what it must be */
export function parseCompareArguments(args: readonly string[]): CompareOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ours: text,
      theirs: text,
      interval: text,
      tolerance: text,
      seconds: text,
      'metrics-port': text,
      insecure: { type: 'boolean' },
    },
  });
  return {
    ours: urlOf(values.ours, '--ours'),
    theirs: urlOf(values.theirs, '--theirs'),
    intervalMs: wholeOf(values.interval, '--interval', 50, 3_600_000) ?? 1000,
    toleranceMs: wholeOf(values.tolerance, '--tolerance', 0, 86_400_000) ?? 5000,
    seconds: wholeOf(values.seconds, '--seconds', 1, 31_536_000),
    metricsPort: wholeOf(values['metrics-port'], '--metrics-port', 0, 65_535),
    insecure: values.insecure ?? false,
  };
}

function urlOf(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`the argument ${name} is required: the URL of a Traffic Monitor`);
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error(`${name} is "${value}": must be an http or https URL`);
  if (url.pathname === '/') url.pathname = '/publish/CrStates';
  return url.href;
}

function wholeOf(value: string | undefined, name: string, min: number, max: number): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max)
    throw new Error(`${name} is "${value}": must be a whole number from ${min} to ${max}`);
  return number;
}
