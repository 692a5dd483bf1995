import { stableHash } from '../stable-hash.ts';

const LONGEST = 63;

/**
 * A name from elsewhere as the value of a label: the name itself where that is allowed; else with `-` for what is not,
 * cut, and with a hash of the name behind, so that different names stay different.
 */
export function labelValue(name: string): string {
  if (name === '' || (name.length <= LONGEST && /^[A-Za-z\d](?:[\w.-]*[A-Za-z\d])?$/.test(name))) return name;
  const hash = stableHash(name).toString(16).padStart(8, '0');
  const allowed = name.replace(/[^\w.-]/g, '-').replace(/^[^A-Za-z\d]+/, '');
  return `${allowed.slice(0, LONGEST - hash.length - 1)}-${hash}`.replace(/^-/, '');
}
