import { floatFromText, int64FromText, uint64FromText } from './number-text.ts';
import type { Sample } from './sample.ts';
import { fieldsOf } from './text-fields.ts';
import { quotable, Unreadable } from './unreadable.ts';

const FIELDS = 6;

/**
 * Reads a line of Linux' /proc/loadavg, `0.30 0.12 0.21 8/863 1421` (reference 4.1).
 * Only the three averages are kept; running processes, all processes and the last process id must be numbers.
 */
export function readLoadavgLine(line: string): Sample['loadAverages'] {
  const fields = fieldsOf(line, isSeparator);
  if (fields.length !== FIELDS) {
    throw new Unreadable(`Expected ${FIELDS} fields in a loadavg line, got ${fields.length}`);
  }
  const averages = [
    number(floatFromText, 'one-minute loadavg', fields[0]),
    number(floatFromText, 'five-minute loadavg', fields[1]),
    number(floatFromText, 'fifteen-minute loadavg', fields[2]),
  ] as const;
  number(uint64FromText, 'currently executing processes', fields[3]);
  number(uint64FromText, 'total processes', fields[4]);
  number(int64FromText, 'latest process ID', fields[5]);
  return averages;
}

function number<T>(read: (text: string) => T | undefined, what: string, field = ''): T {
  const value = read(field);
  if (value === undefined) {
    throw new Unreadable(`Error parsing ${what}: '${quotable(field)}' is not a valid number`);
  }
  return value;
}

function isSeparator(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x2f;
}
