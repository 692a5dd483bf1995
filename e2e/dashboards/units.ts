/** Grafana's names of the units that our dashboards use. */
export const UNITS = ['short', 'percentunit', 's', 'bps', 'reqps', 'bytes'] as const;
export type Unit = (typeof UNITS)[number];

const THOUSANDS = ['', ' K', ' Mil', ' Bil'];
const BITS = [' b/s', ' kb/s', ' Mb/s', ' Gb/s', ' Tb/s'];
const BYTES = [' B', ' KiB', ' MiB', ' GiB', ' TiB'];
const DURATIONS: readonly (readonly [seconds: number, suffix: string])[] = [
  [86_400, ' day'],
  [3600, ' hour'],
  [60, ' min'],
  [1, ' s'],
  [1e-3, ' ms'],
  [1e-6, ' µs'],
];

/** A value as Grafana writes it with this unit. `decimals` absent: as many as make three digits. */
export function formatValue(value: number, unit: Unit, decimals?: number): string {
  switch (unit) {
    case 'short':
      return scaled(value, 1000, THOUSANDS, decimals);
    case 'percentunit':
      return `${rounded(value * 100, decimals)}%`;
    case 's':
      return duration(value, decimals);
    case 'bps':
      return scaled(value, 1000, BITS, decimals);
    case 'reqps':
      return `${scaled(value, 1000, ['', 'K', 'M'], decimals)} req/s`;
    case 'bytes':
      return scaled(value, 1024, BYTES, decimals);
  }
}

function scaled(value: number, base: number, suffixes: readonly string[], decimals?: number): string {
  let rest = value;
  let index = 0;
  while (Math.abs(rest) >= base && index < suffixes.length - 1) {
    rest /= base;
    index++;
  }
  return `${rounded(rest, decimals)}${suffixes[index]}`;
}

function duration(seconds: number, decimals?: number): string {
  if (seconds === 0) return '0 s';
  const [size, suffix] = DURATIONS.find(([size]) => Math.abs(seconds) >= size) ?? [1e-6, ' µs'];
  return `${rounded(seconds / size, decimals)}${suffix}`;
}

function rounded(value: number, decimals?: number): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  const whole = Math.abs(value) < 1 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return String(Number(value.toFixed(Math.min(6, Math.max(0, Math.abs(value) < 0.01 ? 4 : 2 - whole)))));
}
