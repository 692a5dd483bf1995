import { astats } from './astats.ts';
import { astatsDsnames } from './astats-dsnames.ts';
import { noop } from './noop.ts';
import type { PayloadFormat } from './sample.ts';
import { statsOverHttp } from './stats-over-http.ts';
import { vstats } from './vstats.ts';

/** Every format there is; a new one is added here and nowhere else. */
export const FORMATS: readonly PayloadFormat[] = [astats, astatsDsnames, statsOverHttp, vstats, noop];

const BY_NAME: ReadonlyMap<string, PayloadFormat> = new Map([
  ['', astats],
  ...FORMATS.map((format) => [format.name, format] as const),
]);

/** The format that `health.polling.format` names; none given means `astats` (reference 4.1). */
export function formatNamed(name: string): PayloadFormat | undefined {
  return BY_NAME.get(name);
}

/** Why every poll of a cache fails whose format nobody knows: published as the cache's status. */
export function unknownFormatReason(name: string): string {
  return `No decoder registered for format '${name}'`;
}
