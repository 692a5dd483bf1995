/** What the tests of every format need. */
import { cacheName } from '../../../common/ids.ts';
import type { PayloadFormat, Sample, StatValue } from '../sample.ts';

export const CACHE = 'edge-1';

/** Lines of a Linux machine that the tests of several formats use. */
export const NET_DEV = 'eth0:1000 1 0 0 0 0 0 0 5000 1 0 0 0 0 0 0';
export const LOADAVG = '0.30 0.12 0.21 8/863 1421';

/** The sample that a format reads out of a body; a text, or anything else as JSON. Throws the reason if it cannot. */
export function sampleOf(format: PayloadFormat, body: unknown, contentType = ''): Sample {
  const outcome = parsed(format, body, contentType);
  if (outcome.kind === 'error') throw new Error(`no sample: ${outcome.reason}`);
  return outcome.sample;
}

/** Why a format cannot read a body. Throws if it can. */
export function reasonFor(format: PayloadFormat, body: unknown, contentType = ''): string {
  const outcome = parsed(format, body, contentType);
  if (outcome.kind === 'sample') throw new Error('a sample, not a reason');
  return outcome.reason;
}

export function statsOf(sample: Sample): Record<string, StatValue> {
  const stats: [string, StatValue][] = [];
  sample.stats.forEach((value, name) => {
    stats.push([name, value]);
  });
  return Object.fromEntries(stats);
}

export function interfacesOf(sample: Sample): Record<string, unknown> {
  return Object.fromEntries(sample.interfaces);
}

function parsed(format: PayloadFormat, body: unknown, contentType: string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return format.parse({ cache: cacheName(CACHE), body: Buffer.from(text), contentType });
}
