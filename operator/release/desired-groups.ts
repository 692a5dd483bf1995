/** A group as the values of the chart have it; what its spec may hold the API server knows. */
export interface DesiredGroup {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The groups of a release, as the chart writes them.
 *
 * @throws {Error} naming the place if it is no list of names with specs
 */
export function decodeGroups(text: string): DesiredGroup[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the list of groups is no JSON');
  }
  if (!Array.isArray(value)) throw new Error('the list of groups is no list');
  return value.map((entry: unknown, index) => {
    const { name, spec } = (entry ?? {}) as Partial<DesiredGroup>;
    if (typeof name !== 'string' || name === '') throw new Error(`groups[${index}] has no name`);
    if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
      throw new Error(`group ${name} has no spec`);
    return { name, spec: withoutEmptyLists(spec) };
  });
}

/** Lists of annotations and labels, which are the same left out as empty. */
const lists: readonly string[] = ['annotations', 'labels'];
/** What holds such lists; of pods that are described below these, nothing is changed. */
const holders: readonly string[] = ['podTemplate', 'metadata', 'service'];

/**
 * Leaves out lists that are empty, and what holds nothing else: of one that was not empty before, server-side apply
 * makes null, which the definition refuses.
 */
function withoutEmptyLists(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (!isObject(inner)) return [[key, inner]];
    const kept = holders.includes(key) ? withoutEmptyLists(inner) : inner;
    const isLeftOut = Object.keys(kept).length === 0 && [...lists, ...holders].includes(key);
    return isLeftOut ? [] : [[key, kept]];
  });
  return Object.fromEntries(entries);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
