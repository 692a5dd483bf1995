import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { canonical, canonicalText, tellEvents } from './canonical.ts';
import { isEqual, type Json, type JsonObject, lookUp, parseJson } from './json.ts';
import type { Fetch, FileCheck, LinesCheck, Sample, Seen, ToSeen } from './scenario.ts';
import type { World } from './world.ts';

/** What checks look at, in the form that expectations are written in. */

/** One answer of the monitor; `mark` is the event index that `events: marked` counts from. */
export async function observeAnswer(world: World, check: Fetch, mark: number): Promise<JsonObject> {
  const reply = await world.request(check);
  if (reply.failed !== undefined) return { failed: failures[reply.failed] ?? 'broken' };
  const answer: JsonObject = { status: reply.status };
  const wanted = check.showHeaders ?? ['content-type'];
  if (wanted.length > 0) {
    const shown = wanted
      .map((name) => [name, reply.headers[name]])
      .filter(([, value]) => value !== undefined);
    answer['headers'] = Object.fromEntries(shown) as JsonObject;
  }
  const body = unpack(reply.body, reply.headers['content-encoding']);
  if (body === null) answer['text'] = 'broken gzip';
  else if (!check.bodyless) {
    const text = body.toString('utf8');
    const document = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
    if (document === undefined) answer['text'] = text;
    else answer['json'] = tell(document, check, mark);
  }
  return canonical(answer, world.context) as JsonObject;
}

const failures: Readonly<Record<string, string>> = { ECONNREFUSED: 'refused', timeout: 'timeout' };

/** Null: what says that it is gzip is not. */
function unpack(body: Buffer, encoding: string | undefined): Buffer | null {
  if (encoding !== 'gzip' || body.length === 0) return body;
  try {
    return zlib.gunzipSync(body);
  } catch {
    return null;
  }
}

function tell(document: Json, { events }: Fetch, mark: number): Json {
  if (events === undefined) return document;
  return tellEvents(document, events === 'last' ? { lastOnly: true } : { after: mark });
}

/** The distinct requests that a cache or peer got. */
export function observeSeen(world: World, check: Seen): JsonObject {
  const rows = new Map<string, JsonObject>();
  for (const { method, url, via, headers } of world
    .actor(check.actor)
    .requests.slice(-(check.last ?? 1000))) {
    const row: JsonObject = { method, url };
    if (check.showVia) row['via'] = via;
    for (const name of check.showHeaders ?? []) row[name] = headers[name]?.toString() ?? null;
    rows.set(JSON.stringify(row), row);
  }
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return { requests: canonical(sorted, world.context) };
}

/** Which kinds of requests Traffic Ops got at all. */
export function observeToSeen(world: World, check: ToSeen): JsonObject {
  const seen = check.counts.map((kind) => [kind, (world.trafficOps.counts.get(kind) ?? 0) > 0]);
  return { counts: Object.fromEntries(seen) as JsonObject };
}

/** A file that the monitor wrote. */
export function observeFile(world: World, check: FileCheck): JsonObject {
  const file = path.join(world.directory, check.name);
  if (!fs.existsSync(file)) return { exists: false };
  const text = fs.readFileSync(file, 'utf8');
  const document = parseJson(text);
  return document === undefined
    ? { exists: true, text }
    : { exists: true, json: canonical(document, world.context) };
}

const othersShown = 5;

/** Which of some patterns the lines of a log file follow, and lines that follow none. */
export function observeLines(world: World, check: LinesCheck): JsonObject {
  const file = path.join(world.directory, check.name);
  const text = fs.existsSync(file) ? canonicalText(fs.readFileSync(file, 'utf8'), world.context) : '';
  const lines = text.split('\n').filter((line) => line !== '');
  const patterns = Object.entries(check.patterns).map(
    ([name, source]) => [name, new RegExp(source)] as const,
  );
  const found = patterns.map(([name, pattern]) => [name, lines.some((line) => pattern.test(line))]);
  const others = lines.filter((line) => !patterns.some(([, pattern]) => pattern.test(line)));
  return { found: Object.fromEntries(found) as JsonObject, others: others.slice(0, othersShown) };
}

/** The values that some pointers take until a condition holds, and the last of them. */
export async function observeSample(world: World, check: Sample): Promise<JsonObject> {
  const seen = new Map<string, Json>();
  let last: Json = null;
  const end = performance.now() + (check.timeoutMs ?? 6000);
  while (performance.now() <= end) {
    world.abort.signal.throwIfAborted();
    world.checkAlive();
    const reply = await world.request(check);
    const document =
      reply.failed === undefined && reply.status === 200 ? parseJson(reply.body.toString()) : undefined;
    if (document !== undefined) {
      const values = check.pointers.map((pointer) => [pointer, lookUp(document, pointer) ?? null]);
      last = canonical(Object.fromEntries(values) as JsonObject, world.context);
      seen.set(JSON.stringify(last), last);
      if (isEqual(lookUp(document, check.untilPointer) ?? null, check.untilEquals)) break;
    }
    await sleep(check.everyMs ?? 25, undefined, { signal: world.abort.signal });
  }
  return { allowed: [...seen.values()], last };
}
