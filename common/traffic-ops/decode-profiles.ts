import { profileName } from '../ids.ts';
import { type Fields, wrongType } from './fields.ts';
import type { Profile } from './monitoring.ts';
import { decodeThresholds } from './thresholds.ts';

/**
 * One element of `profiles`; rule: reference 2.4 and 2.5. Unlike other objects, `parameters` has keys that are data:
 * they compare with their case, and a null there is a value of the wrong type.
 *
 * @throws FieldError naming the parameter
 */
export function decodeProfile(profile: Fields): Profile {
  const name = profile.string('name');
  profile.call(name);
  const parameters = new Map(profile.entries('parameters'));
  const placeOf = (key: string) => `${profile.place('parameters')}[${JSON.stringify(key)}]`;

  const text = (key: string): string => {
    const value = parameters.has(key) ? parameters.get(key) : '';
    if (typeof value === 'string') return value;
    throw wrongType(placeOf(key), value, 'a string');
  };
  const integerPart = (key: string): number => {
    const value = parameters.has(key) ? parameters.get(key) : 0;
    if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
    throw wrongType(placeOf(key), value, 'a number');
  };

  return {
    name: profileName(name),
    type: profile.string('type'),
    pollingUrl: text('health.polling.url'),
    pollingFormat: text('health.polling.format'),
    pollingType: text('health.polling.type'),
    connectionTimeoutMs: integerPart('health.connection.timeout'),
    historyCount: integerPart('history.count'),
    thresholds: decodeThresholds(parameters, placeOf),
  };
}
