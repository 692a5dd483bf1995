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
    return { name, spec };
  });
}
