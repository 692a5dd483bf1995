import { uint64FromText } from './number-text.ts';
import type { InterfaceCounters } from './sample.ts';
import { wholeSpeed } from './speed.ts';
import { type GlobalTable, INTERFACE_PREFIX } from './stats-over-http-global.ts';

type Counters = { -readonly [Field in keyof InterfaceCounters]: InterfaceCounters[Field] };

const UINT64_LIMIT = 2 ** 64;

/**
 * The interfaces out of `plugin.system_stats.net.<interface>.rx_bytes`, `.tx_bytes` and `.speed` (reference 4.4).
 * One usable value makes an interface, the others are 0 then; unusable values and other counters are left out.
 */
export function readInterfaces(global: GlobalTable): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, Counters>();
  for (const name of global.interfaceNames()) {
    const dot = name.indexOf('.', INTERFACE_PREFIX.length);
    if (dot < 0) continue;
    const usable = usableValue(global, name, name.slice(dot + 1));
    if (usable === undefined) continue;
    const interfaceName = name.slice(INTERFACE_PREFIX.length, dot);
    interfaces.set(interfaceName, { ...(interfaces.get(interfaceName) ?? NOTHING_KNOWN), ...usable });
  }
  return interfaces;
}

const NOTHING_KNOWN: Counters = { speedMbps: 0, bytesIn: 0n, bytesOut: 0n };

function usableValue(global: GlobalTable, name: string, counter: string): Partial<Counters> | undefined {
  if (counter === 'speed') {
    const speedMbps = speedOf(global.get(name));
    return speedMbps === undefined ? undefined : { speedMbps };
  }
  if (counter !== 'rx_bytes' && counter !== 'tx_bytes') return undefined;
  const bytes = bytesOf(global, name);
  if (bytes === undefined) return undefined;
  return counter === 'rx_bytes' ? { bytesIn: bytes } : { bytesOut: bytes };
}

/** A speed that is neither number nor text is 0, and still makes the interface: so does the Go monitor. */
function speedOf(value: unknown): number | undefined {
  return typeof value === 'number' || typeof value === 'string' ? wholeSpeed(value) : 0;
}

/** Whole and exact; fractions are cut off, negative or larger than 64 bits is unusable. */
function bytesOf(global: GlobalTable, name: string): bigint | undefined {
  const value = global.get(name);
  if (typeof value === 'string') return uint64FromText(value);
  if (typeof value !== 'number' || !(value >= 0)) return undefined;
  if (value <= Number.MAX_SAFE_INTEGER) return BigInt(Math.trunc(value));
  const digits = global.exactDigits(name);
  if (digits !== undefined) return uint64FromText(digits);
  return value < UINT64_LIMIT ? BigInt(value) : undefined;
}
