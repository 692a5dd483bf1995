import type { Counter } from './counter.ts';
import { isObject, type Json, type JsonObject, mapValues } from './json.ts';

/** What a run's own names stand for, and what its caches have served. */
export interface RunContext {
  /** Port number → name of what belongs to it. */
  readonly ports: ReadonlyMap<number, string>;
  /** The scratch directory. */
  readonly dir: string;
  readonly actors: ReadonlyMap<string, { readonly counters: ReadonlyMap<string, Counter> }>;
}

const portKeys: ReadonlySet<string> = new Set(['port', 'httpsPort', 'Port']);

/** Replaces ports and the scratch directory, which change from run to run, by the name of what they belong to. */
export function canonical(value: Json, context: RunContext, key = ''): Json {
  if (typeof value === 'string') {
    const text = canonicalText(value, context);
    // The parts of `pp` come in any order.
    return key === 'pp' ? text.split(', ').sort().join(', ') : text;
  }
  if (typeof value === 'number' && portKeys.has(key)) {
    const name = context.ports.get(value);
    return name === undefined ? value : `{${name}}`;
  }
  if (Array.isArray(value)) return value.map((member) => canonical(member, context, key));
  if (isObject(value)) return mapValues(value, (member, name) => canonical(member, context, name));
  return value;
}

/** The same for a text outside a document. */
export function canonicalText(text: string, context: RunContext): string {
  return text.replaceAll(context.dir, '{dir}').replace(/:(\d{4,5})(?!\d)/g, (all, port: string) => {
    const name = context.ports.get(Number(port));
    return name === undefined ? all : `:{${name}}`;
  });
}

interface Story {
  /** Only events with a higher index. */
  readonly after?: number;
  /** Only the last event of each host. */
  readonly lastOnly?: boolean;
}

const clockSlackMs = 300_000;

/**
 * Tells an event log per host. Events of different hosts interleave by chance, and a host may repeat an event
 * before it settles: what counts is each host's story, or (while starting) just how the story ends.
 */
export function tellEvents(document: Json, { after = -1, lastOnly = false }: Story = {}): Json {
  if (!isObject(document) || !Array.isArray(document['events'])) return document;
  const events = document['events'].filter(isObject).filter((event) => !(Number(event['index']) <= after));
  const hosts: Record<string, JsonObject[]> = {};
  for (const { time: _time, index: _index, ...event } of [...events].reverse()) {
    hosts[String(event['hostname'])] ??= [];
    const story = hosts[String(event['hostname'])] ?? [];
    const last = story.at(-1);
    if (lastOnly) story.length = 0;
    else if (last !== undefined && signature(last) === signature(event)) continue;
    story.push(event);
  }
  return {
    keys: [...new Set(events.map((event) => Object.keys(event).sort().join(' ')))],
    indexesFallByOne: events.every(
      (event, i) => i === 0 || event['index'] === Number(events[i - 1]?.['index']) - 1,
    ),
    timesInSeconds: events.every((event) => {
      const time = event['time'];
      return Number.isInteger(time) && Math.abs(Number(time) * 1000 - Date.now()) < clockSlackMs;
    }),
    hosts,
  };
}

/** What makes two events the same; which of the two pollers came last does not. */
function signature(event: JsonObject): string {
  const description = String(event['description'])
    .replace(/ \((health|stat)\) $/, ' ')
    .replace(/application=(system)?/g, 'application=');
  return JSON.stringify({ ...event, description });
}
