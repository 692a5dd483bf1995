/** Figures and times as people read them. */

/** Bit rates, from kbps: three digits and a unit. null: unknown.
 * @param {number | null} kbps */
export function bitRate(kbps) {
  if (kbps === null) return '–';
  if (kbps < 1000) return `${Math.round(kbps)} kbps`;
  const units = ['Mbps', 'Gbps', 'Tbps', 'Pbps'];
  let value = kbps / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)} ${units[unit]}`;
}

/** @param {number} value below 1000 */
function threeDigits(value) {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** @param {number | null} value @param {number} digits after the point */
export const decimal = (value, digits) => (value === null ? '–' : value.toFixed(digits));

const whole = new Intl.NumberFormat('en-US');

/** @param {number | null} value */
export const count = (value) => (value === null ? '–' : whole.format(value));

/** Share of a capacity from 0 to 1; null: it is not known.
 * @param {number | null} value @param {number} capacity */
export const shareOf = (value, capacity) =>
  value === null || capacity <= 0 ? null : Math.min(1, Math.max(0, value / capacity));

/** @param {number | null} share */
export function percent(share) {
  if (share === null) return '–';
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** How long something took or lasts: the two largest units.
 * @param {number} ms */
export function duration(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {number | null} thenMs @param {number} nowMs */
export function ago(thenMs, nowMs) {
  if (thenMs === null) return 'never';
  return nowMs - thenMs < 1000 ? 'now' : `${duration(nowMs - thenMs)} ago`;
}

/** Time of day in UTC, as logs have it.
 * @param {number} ms */
export const timeOfDay = (ms) => new Date(ms).toISOString().slice(11, 19);

/** Date and time in UTC.
 * @param {number} ms */
export const dateAndTime = (ms) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** The reason without what is said beside it: `REPORTED - loadavg too high` → `loadavg too high`.
 * @param {string} text */
export function shortReason(text) {
  const dash = text.indexOf(' - ');
  const reason = /^[A-Z_]+$/.test(text.slice(0, Math.max(0, dash))) ? text.slice(dash + 3) : text;
  return (
    reason
      // Which cache it is and which URL was asked stands beside it, or among its details.
      .replace(/^id \S+ url \S+ fetch error: (?:Get "[^"]*": )?(?:dial tcp \S+: )?(?:connect: )?/, '')
      // Where nothing could be read, no interface could.
      .replace(/(?<=.)(?:; \S+: not found in polled data)+$/, '')
  );
}

/** What the description of an event says beside its frame: `Protocol (IPv4) REPORTED - x (health) ` → `x`.
 * @param {string} description */
export function eventReason(description) {
  const [, inner] = /^Protocol \(IPv[46]\) (.*?) ?(?:\((?:health|stat)\) ?)?$/.exec(description) ?? [];
  return shortReason(inner ?? description);
}
