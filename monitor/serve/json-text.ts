const unsafe = /[<>&\u2028\u2029]/g;

/** A JSON string as Go's standard encoder writes it: safe inside HTML. Reference 9.2, "std". */
export function htmlSafeString(text: string): string {
  const plain = JSON.stringify(text);
  return unsafe.test(plain) ? plain.replace(unsafe, escaped) : plain;
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const UNSET_TIME = '0001-01-01T00:00:00Z';

/** RFC 3339 in UTC, to the millisecond (D69); null is Go's unset time. */
export const rfc3339 = (timeMs: number | null): string =>
  timeMs === null ? UNSET_TIME : new Date(timeMs).toISOString();

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Thu May 07 04:05:06 UTC 2026`: the `date` of reference 9.2. */
export function commonDate(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${clock} UTC ${date.getUTCFullYear()}`;
}
