import { FlatShape } from './flat-shape.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import { StatNames } from './stat-table.ts';

/** Which member of a payload holds its statistics, and what else belongs to their table. */
export interface FlatMember {
  readonly name: string;
  /** Names in it that describe the system and are no statistics. */
  readonly hidden: ReadonlySet<string>;
  /** Statistics that the reader of the format adds behind those of the member. */
  readonly added: readonly string[];
}

/** With fewer statistics the JSON parser is quick enough. */
const LEAST_MEMBERS = 100;
/** Real caches have some thousands; a shape takes memory for each. */
const MOST_MEMBERS = 50_000;
const LONGEST_BODY = 4 * 2 ** 20;

const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const SCALAR = String.raw`(?:${STRING}|[-\d][\d.eE+-]*|true|false|null)`;

/** Whether an object has so many members that its shape is worth its memory. */
export function isLarge(object: JsonObject): boolean {
  let count = 0;
  for (const _ in object) if (++count === LEAST_MEMBERS) return true;
  return false;
}

/**
 * The shape of a body that the JSON parser has read; null if it has none: too few statistics, nested ones, names that
 * come twice or in another order than JavaScript keeps them, or anything before the member.
 *
 * @param object the member's value, as the parser made it
 */
export function learnShape(body: Buffer, member: FlatMember, object: JsonObject): FlatShape | null {
  const found = Object.keys(object);
  if (!isLarge(object) || found.length > MOST_MEMBERS || body.length > LONGEST_BODY) return null;
  if (found.some((name) => member.added.includes(name))) return null;
  if (Object.values(object).some((value) => isJsonObject(value) || Array.isArray(value))) return null;
  const gaps = gapsOf(body, member.name, found);
  if (gaps === null) return null;
  const shown = found.filter((name) => !member.hidden.has(name));
  const hidden = found.filter((name) => member.hidden.has(name));
  const all = [...shown, ...member.added, ...hidden];
  const columns = new Map(all.map((name, index) => [name, index]));
  return new FlatShape({
    gaps,
    names: new StatNames(all, shown.length + member.added.length),
    columns: Uint32Array.from(found, (name) => columns.get(name) ?? 0),
  });
}

/** What stands before each value and behind the last; null if the text does not name just these, in this order. */
function gapsOf(body: Buffer, memberName: string, names: readonly string[]): Buffer[] | null {
  // One character a byte, so that places in the text are places in the body.
  const text = body.toString('latin1');
  const head = new RegExp(String.raw`^\s*\{\s*"${memberName}"\s*:\s*\{`).exec(text);
  if (head === null) return null;
  const next = new RegExp(String.raw`(?<before>\s*(?<name>${STRING})\s*:\s*)${SCALAR}\s*(?<end>[,}])`, 'y');
  next.lastIndex = head[0].length;
  const gaps: Buffer[] = [];
  let gapStart = 0;
  for (const [index, name] of names.entries()) {
    const start = next.lastIndex;
    const { before = '', name: token = '', end = '' } = next.exec(text)?.groups ?? {};
    if (parsedName(body, start + before.indexOf('"'), token) !== name) return null;
    if ((end === '}') !== (index === names.length - 1)) return null;
    const valueStart = start + before.length;
    gaps.push(Buffer.from(body.subarray(gapStart, valueStart)));
    gapStart = valueEnd(text, valueStart);
  }
  gaps.push(Buffer.from(body.subarray(gapStart, next.lastIndex)));
  return gaps;
}

const value = new RegExp(SCALAR, 'y');

function valueEnd(text: string, start: number): number {
  value.lastIndex = start;
  value.exec(text);
  return value.lastIndex;
}

function parsedName(body: Buffer, start: number, token: string): unknown {
  return token === '' ? null : JSON.parse(body.toString('utf8', start, start + token.length));
}
