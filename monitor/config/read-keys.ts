import { JsonFault, type JsonMember, jsonMembers } from './json-members.ts';
import type { Key } from './key-kinds.ts';
import { SettingsError } from './settings-error.ts';

/** The keys of one settings file, by the name that the file uses. */
export type KeyTable = Readonly<Record<string, Key<unknown>>>;

export type ValuesOf<Table extends KeyTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Key<infer Value> ? Value : never;
};

/** Settings, and the keys of the file that mean nothing here: a misspelt key has no other trace. */
export type Parsed<Settings> = Settings & { readonly unknownKeys: readonly string[] };

export interface KeysRead<Table extends KeyTable> {
  readonly values: ValuesOf<Table>;
  /** As spelt in the file, in its order, each once. */
  readonly unknownKeys: readonly string[];
  /** What is wrong, one text a key. The key concerned has its previous value. */
  readonly faults: string[];
}

/**
 * Reads `text` by `table`. Keys match in any case; of repeated keys the last wins; an absent key has its
 * default (reference 1.2, 1.3).
 *
 * @param ignored keys, in lower case, that are neither used nor unknown.
 * @throws {SettingsError} if the text is not one JSON object: then nothing in it can be trusted.
 */
export function readKeys<Table extends KeyTable>(
  table: Table,
  text: string,
  file: string,
  ignored: ReadonlySet<string> = new Set(),
): KeysRead<Table> {
  const names = new Map(Object.keys(table).map((name) => [name.toLowerCase(), name]));
  const values = new Map(Object.entries(table).map(([name, key]) => [name, key.initial]));
  const unknownKeys = new Set<string>();
  const faults: string[] = [];
  for (const member of membersOf(text, file)) {
    const name = names.get(member.key.toLowerCase());
    const key = name === undefined ? undefined : table[name];
    if (name === undefined || key === undefined) {
      if (!ignored.has(member.key.toLowerCase())) unknownKeys.add(member.key);
      continue;
    }
    const value = key.read(member.value, values.get(name));
    if (value === undefined) faults.push(faultOf(member, key));
    else values.set(name, value);
  }
  // Each value came from the key's own `initial` or `read`, so the map has the types of the table.
  return { values: Object.fromEntries(values) as ValuesOf<Table>, unknownKeys: [...unknownKeys], faults };
}

function membersOf(text: string, file: string): JsonMember[] {
  try {
    return jsonMembers(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new SettingsError(file, [
      `line ${error.line}, column ${error.column}: not valid JSON: ${error.message}`,
    ]);
  }
}

function faultOf(member: JsonMember, key: Key<unknown>): string {
  const at = `"${member.key}" (line ${member.line})`;
  const refusal = key.refusal?.(member.value);
  if (refusal !== undefined) return `${at}: ${refusal}; must be ${key.rule}`;
  return `${at} is ${key.secret ? 'not shown' : shown(member.value)}: must be ${key.rule}`;
}

const LONGEST_SHOWN = 100;

/** As JSON, cut if long, and without the credentials that a URL may carry. */
function shown(value: unknown): string {
  const json = JSON.stringify(value).replace(/\/\/[^/]*@/g, '//***@');
  return json.length > LONGEST_SHOWN ? `${json.slice(0, LONGEST_SHOWN)}...` : json;
}
