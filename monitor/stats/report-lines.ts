import { cacheName, type DeliveryServiceId, deliveryServiceId, monitorName } from '../../common/ids.ts';
import type { CacheReport } from './cache-report.ts';
import { COUNTERS, LARGEST_RATE, quantized, RATES } from './sums.ts';
import { COUNTS_PER_SERVICE } from './traffic-figures.ts';

/** An answer of another monitor that cannot be used, or a line of it; the message is for people. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Readers refuse any other. */
export const REPORT_VERSION = 1;

/** Rates are told to a millionth: no published figure shows more. */
const RATE_STEPS = 1e6;

const LIMB = 2 ** 32;
const LARGEST_COUNT = 2n ** 64n - 1n;
/** A cache has a few thousand delivery services at most. */
const MOST_SERVICES = 100_000;

/** The texts of reports that were told already: a report lasts until the next poll. */
const texts = new WeakMap<CacheReport, string>();

/**
 * A report as one line of JSON: `[cache, from, polledMs, isReporting, outBytesPerSecond, capacityKbps, services]`.
 * `polledMs` is by the clock of the monitor that tells it. Of each delivery service there are the counters of
 * `counters`, as texts where a number would lose digits, then the rates of the first five.
 */
export function reportLine(report: CacheReport): string {
  const known = texts.get(report);
  if (known !== undefined) return known;
  const { cache, from, polledMs, isReporting, outBytesPerSecond, capacityKbps, deliveryServices } = report;
  const services = deliveryServices.map((id, service) => {
    const figures: string[] = [];
    for (let counter = 0; counter < COUNTERS; counter++) {
      const at = service * COUNTS_PER_SERVICE + counter * 2;
      figures.push(countText(report.counts[at] ?? 0, report.counts[at + 1] ?? 0));
    }
    for (let rate = 0; rate < RATES; rate++) {
      figures.push(String(rounded(report.rates[service * RATES + rate] ?? 0)));
    }
    return `${JSON.stringify(id)}:[${figures.join(',')}]`;
  });
  const text = `[${JSON.stringify(cache)},${JSON.stringify(from)},${polledMs},${isReporting},${rounded(outBytesPerSecond)},${capacityKbps},{${services.join(',')}}]`;
  texts.set(report, text);
  return text;
}

/**
 * Reads such a line.
 *
 * @param lagMs how much the clock of this monitor is ahead of the teller's
 * @throws ReportError if it is no report, with the reason
 */
export function readReportLine(line: string, lagMs: number): CacheReport {
  const fields = parsed(line);
  if (!Array.isArray(fields)) throw new ReportError(`a report must be an array, got ${excerpt(line)}`);
  const [cache, from, polledMs, isReporting, outBytesPerSecond, capacityKbps, services]: unknown[] = fields;
  if (typeof cache !== 'string' || cache === '')
    throw new ReportError(`a report must begin with the name of a cache: ${excerpt(line)}`);
  const fault = (what: string): ReportError => new ReportError(`report of cache "${cache}": ${what}`);
  if (typeof from !== 'string') throw fault('the name of its monitor must be a text');
  if (typeof polledMs !== 'number') throw fault('the time of its poll must be a number');
  if (typeof isReporting !== 'boolean') throw fault('whether it reports must be true or false');
  if (!isAmount(outBytesPerSecond)) throw fault('its rate must be a number, 0 or more');
  if (!isAmount(capacityKbps)) throw fault('its capacity must be a number, 0 or more');
  if (typeof services !== 'object' || services === null)
    throw fault('its delivery services must be an object');
  return {
    cache: cacheName(cache),
    from: monitorName(from),
    polledMs: polledMs + lagMs,
    isReporting,
    outBytesPerSecond: Math.min(outBytesPerSecond, LARGEST_RATE),
    capacityKbps,
    ...readServices(Object.entries(services), fault),
  };
}

function readServices(
  entries: readonly (readonly [id: string, figures: unknown])[],
  fault: (what: string) => ReportError,
): Pick<CacheReport, 'deliveryServices' | 'counts' | 'rates'> {
  if (entries.length > MOST_SERVICES) throw fault(`more than ${MOST_SERVICES} delivery services`);
  const deliveryServices: DeliveryServiceId[] = [];
  const counts = new Uint32Array(entries.length * COUNTS_PER_SERVICE);
  const rates = new Float64Array(entries.length * RATES);
  for (const [service, [id, figures]] of entries.entries()) {
    if (!Array.isArray(figures) || figures.length !== COUNTERS + RATES)
      throw fault(`delivery service "${id}" must have ${COUNTERS + RATES} figures`);
    deliveryServices.push(deliveryServiceId(id));
    for (let counter = 0; counter < COUNTERS; counter++) {
      const halves = halvesOf(figures[counter]);
      if (halves === null) throw fault(`delivery service "${id}" has a counter that is none`);
      counts.set(halves, service * COUNTS_PER_SERVICE + counter * 2);
    }
    for (let index = 0; index < RATES; index++) {
      const rate: unknown = figures[COUNTERS + index];
      if (!isAmount(rate)) throw fault(`delivery service "${id}" has a rate that is none`);
      rates[service * RATES + index] = quantized(Math.min(rate, LARGEST_RATE));
    }
  }
  return { deliveryServices, counts, rates };
}

const rounded = (rate: number): number => Math.round(rate * RATE_STEPS) / RATE_STEPS;

function countText(high: number, low: number): string {
  const number = high * LIMB + low;
  return Number.isSafeInteger(number) ? String(number) : `"${BigInt(high) * BigInt(LIMB) + BigInt(low)}"`;
}

/** High and low 32 bits of a counter; null: it is none. */
function halvesOf(value: unknown): readonly [high: number, low: number] | null {
  if (typeof value === 'number') {
    const isCount = Number.isSafeInteger(value) && value >= 0;
    return isCount ? [Math.floor(value / LIMB), value % LIMB] : null;
  }
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return null;
  const count = BigInt(value);
  return count <= LARGEST_COUNT ? [Number(count >> 32n), Number(count & 0xffffffffn)] : null;
}

const isAmount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ReportError(`${error instanceof Error ? error.message : error}: ${excerpt(line)}`);
  }
}

const excerpt = (line: string): string => (line.length <= 80 ? line : `${line.slice(0, 80)}…`);
