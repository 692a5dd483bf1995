import { messageOf } from './errors.ts';
import { FieldError, Fields } from './fields.ts';
import type { KeptDocument } from './kept-document.ts';
import type { CrConfig, CrConfigStats } from './monitoring.ts';

/** The CDN snapshot is refused. */
export class CrConfigError extends Error {
  override readonly name = 'CrConfigError';
}

/**
 * Decodes the few fields that a monitor needs of a CDN snapshot and keeps the document as it is (reference D14).
 *
 * @throws CrConfigError if it is no JSON object, or a field of `stats` has the wrong type
 */
export function decodeCrConfig(document: KeptDocument): CrConfig {
  try {
    const value: unknown = JSON.parse(document.unpack().toString());
    return { document, stats: decodeStats(new Fields(value, 'CRConfig').object('stats')) };
  } catch (error) {
    if (error instanceof FieldError) throw new CrConfigError(`invalid CRConfig: ${error.message}`);
    throw new CrConfigError(`invalid CRConfig: not JSON: ${messageOf(error)}`);
  }
}

function decodeStats(stats: Fields): CrConfigStats {
  const text = (key: keyof CrConfigStats) => {
    const value = stats.optionalString(key);
    return value === undefined ? {} : { [key]: value };
  };
  const date = stats.optionalInteger('date');
  return {
    ...text('CDN_name'),
    ...(date === undefined ? {} : { date }),
    ...text('tm_host'),
    ...text('tm_path'),
    ...text('tm_user'),
    ...text('tm_version'),
  };
}

/** What was accepted before for the same CDN. */
export interface PreviousCrConfig {
  readonly stats: CrConfigStats;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
}

/**
 * Why a snapshot must not replace the previous one; undefined: it may. An equal date is fine. Rule: reference 2.6, D18.
 */
export function crConfigProblem(
  stats: CrConfigStats,
  previous: PreviousCrConfig | undefined,
): string | undefined {
  const invalid = 'invalid CRConfig: CRConfig.Stats';
  if (stats.CDN_name === undefined) return `${invalid}.CDN missing`;
  if (stats.date === undefined) return `${invalid}.Date missing`;
  if (previous === undefined) return undefined;
  const received = `received at ${new Date(previous.acceptedAt).toISOString()}`;
  const { CDN_name: lastCdn, date: lastDate } = previous.stats;
  if (lastCdn !== undefined && stats.CDN_name !== lastCdn) {
    return `${invalid}.CDN ${stats.CDN_name} different than last received CRConfig.Stats.CDNName ${lastCdn} ${received}`;
  }
  if (lastDate !== undefined && stats.date < lastDate) {
    return `${invalid}.Date ${stats.date} older than last received CRConfig.Stats.Date ${lastDate} ${received}`;
  }
  return undefined;
}
