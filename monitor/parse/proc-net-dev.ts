import { uint64FromText } from './number-text.ts';
import type { InterfaceCounters } from './sample.ts';
import { fieldsOf } from './text-fields.ts';
import { quotable, Unreadable } from './unreadable.ts';

/** One interface's line of Linux' /proc/net/dev. */
export interface NetDevLine {
  readonly name: string;
  readonly bytesIn: bigint;
  readonly bytesOut: bigint;
}

const FIELDS_NEEDED = 9;
const BYTES_IN = 0;
const BYTES_OUT = 8;

/**
 * Reads `name: received-bytes … (9th field) sent-bytes …` (reference 4.1).
 * The name is trimmed: the kernel pads it to six characters (D28).
 */
export function readNetDevLine(line: string): NetDevLine {
  const colon = line.indexOf(':');
  if (colon < 0 || line.includes(':', colon + 1)) {
    throw new Unreadable(
      `Expected /proc/net/dev line to be in the format '{{name}}:{{info}}', but got '${quotable(line)}'`,
    );
  }
  const fields = fieldsOf(line.slice(colon + 1), isSpace);
  if (fields.length < FIELDS_NEEDED) {
    throw new Unreadable(`Expected at least ${FIELDS_NEEDED} /proc/net/dev fields, got ${fields.length}`);
  }
  return {
    name: line.slice(0, colon).trim(),
    bytesIn: byteCounter('BytesIn', fields[BYTES_IN]),
    bytesOut: byteCounter('BytesOut', fields[BYTES_OUT]),
  };
}

/** The line must be of the interface that an astats payload names in `inf.name` (reference 4.2). */
export function mustBeReported(line: NetDevLine, infName: string): void {
  if (line.name !== infName.trim()) {
    throw new Unreadable("/proc/net/dev line didn't match reported interface line");
  }
}

/** The interfaces of a payload with this one line, and the speed (Mbit/s) said beside it. */
export function interfaceOf(line: NetDevLine, speedMbps: number): Map<string, InterfaceCounters> {
  return new Map([[line.name, { speedMbps, bytesIn: line.bytesIn, bytesOut: line.bytesOut }]]);
}

function byteCounter(what: string, field = ''): bigint {
  const value = uint64FromText(field);
  if (value === undefined) {
    throw new Unreadable(`Error parsing ${what}: '${quotable(field)}' is not an unsigned 64-bit number`);
  }
  return value;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
