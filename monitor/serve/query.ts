/** Query parameters in the order that they were given. */
export type Query = ReadonlyMap<string, readonly string[]>;

/** By Go's rules: `+` is a space, pairs with `;` or broken escapes are dropped. Reference 9.1. */
export function parseQuery(text: string): Query {
  const query = new Map<string, string[]>();
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = unescaped(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : unescaped(pair.slice(equals + 1));
    if (key === null || value === null) continue;
    const values = query.get(key);
    if (values === undefined) query.set(key, [value]);
    else values.push(value);
  }
  return query;
}

/** The `pp` of reference 9.2: what was asked, for people. */
export const queryText = (query: Query): string =>
  [...query].flatMap(([key, values]) => values.map((value) => `${key}=[${value}]`)).join(', ');

/** Why a query cannot be answered: a parameter that is not `allowed`, or more than `most`. Reference 9.6, 9.11. */
export function queryProblem(query: Query, allowed: readonly string[], most: number): string | null {
  if (query.size > most) return 'invalid query parameters';
  const unknown = [...query.keys()].find((key) => !allowed.includes(key));
  return unknown === undefined ? null : `invalid query parameter '${unknown}'`;
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
