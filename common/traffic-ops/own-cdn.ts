import { type CdnName, cdnName } from '../ids.ts';
import { Fields } from './fields.ts';

export interface OwnCdn {
  readonly cdn: CdnName;
  /** Server records with this host name: more than one is worth a warning. */
  readonly matches: number;
}

/**
 * The CDN of a Traffic Monitor from its server record, the value of `response` of `servers?hostName=…`: the first
 * record that fits. Rule: reference 2.2.
 *
 * @param major which shape the records have
 * @throws FieldError if the answer has another shape; Error if no record fits
 */
export function ownCdn(response: unknown, hostName: string, major: 4 | 5): OwnCdn {
  const records = new Fields({ servers: response }, '').objects('servers');
  const fitting = records.filter((record) => record.string('hostName') === hostName);
  const names = fitting.flatMap((record) => cdnOf(record, major));
  const first = names[0];
  if (first === undefined) {
    const what = records.length === 0 ? 'no server record' : 'no server record with a CDN';
    throw new Error(`Traffic Ops has ${what} for the host name ${JSON.stringify(hostName)}`);
  }
  return { cdn: cdnName(first), matches: names.length };
}

function cdnOf(record: Fields, major: 4 | 5): string[] {
  const fits = major === 5 ? record.integer('cdnID') > -1 : record.strings('profileNames').length > 0;
  const name = record.string(major === 5 ? 'cdn' : 'cdnName');
  return fits && name !== '' ? [name] : [];
}
