import fs from 'node:fs';
import path from 'node:path';
import { isObject, type Json, type JsonObject, mapValues } from './json.ts';
import { fill, fillText, type Values } from './template.ts';

/** What a scenario says about an answer's body: a text, or one key that names a source or a builder. */
export type BodySpec =
  | string
  | { readonly file: string }
  | { readonly text: string }
  | { readonly json: Json }
  | { readonly [builder in BuilderName]?: JsonObject };

type BuilderName = 'astats' | 'astatsCsv' | 'soh' | 'sohCsv' | 'vstats';

/** Makes a payload from a scenario's figures; `slim` is the answer to a health poll, without traffic statistics. */
type Builder = (figures: JsonObject, slim: boolean) => JsonObject | string;

const builders: Readonly<Record<BuilderName, Builder>> = {
  astats: (figures, slim) => ({
    ats: { ...(slim ? {} : object(figures['ats'])), server: '9.2.1' },
    system: astatsSystem(figures),
  }),
  astatsCsv(figures, slim) {
    const traffic = slim ? {} : object(figures['ats']);
    return csv([...rows(traffic), ...extraLines(figures), ...rows(astatsSystem(figures))]);
  },
  soh: (figures, slim) => ({ global: statsOverHttp(figures, slim) }),
  sohCsv: (figures, slim) =>
    csv([...rows(statsOverHttp({ ...figures, strings: false }, slim)), ...extraLines(figures)]),
  vstats: (figures) =>
    without(figures['omit'], {
      'proc.net.dev': netDevLine(figures),
      'proc.loadavg': figures['loadavg'] ?? '0.31 0.28 0.22 2/640 9120',
      not_available: figures['notAvailable'] ?? false,
      inf_speed: figures['speed'] ?? 10000,
      stats: figures['stats'] ?? {},
    }),
};

function astatsSystem(figures: JsonObject): JsonObject {
  const notAvailable = figures['notAvailable'];
  return without(figures['omit'], {
    'inf.name': figures['inf'] ?? 'eth0',
    'inf.speed': figures['speed'] ?? 10000,
    'proc.net.dev': netDevLine(figures),
    'proc.loadavg': figures['loadavg'] ?? '0.12 0.20 0.25 1/733 4211',
    configReloadRequests: figures['configReloadRequests'] ?? 3,
    lastReloadRequest: figures['lastReloadRequest'] ?? 1710002400,
    configReloads: figures['configReloads'] ?? 2,
    lastReload: figures['lastReload'] ?? 1710002411,
    astatsLoad: figures['astatsLoad'] ?? 1710000000,
    ...(notAvailable === undefined ? {} : { notAvailable }),
  });
}

function statsOverHttp(figures: JsonObject, slim: boolean): JsonObject {
  const system = 'plugin.system_stats';
  const [one = 0, five = 0, fifteen = 0] = (figures['load'] as Json[] | undefined) ?? [8192, 9830, 11468];
  const stats: JsonObject = {
    ...(slim ? {} : object(figures['stats'])),
    [`${system}.loadavg.one`]: one,
    [`${system}.loadavg.five`]: five,
    [`${system}.loadavg.fifteen`]: fifteen,
    [`${system}.current_processes`]: figures['processes'] ?? 512,
  };
  for (const [name, figuresOfIt] of Object.entries(object(figures['interfaces']))) {
    for (const key of ['speed', 'rx_bytes', 'tx_bytes']) {
      const figure = object(figuresOfIt)[key];
      if (figure !== undefined) stats[`${system}.net.${name}.${key}`] = figure;
    }
  }
  if (figures['timestamp']) stats[`${system}.timestamp_ms`] = '{{@nowMs}}';
  const all = without(figures['omit'], { ...stats, ...object(figures['extra']) });
  if (!figures['strings']) return all;
  return mapValues(all, (value) => ({ [asString]: value }));
}

/** Marks a value that is to be a string: filling its counter would make it a number. */
const asString = '$string';

function strings(value: Json): Json {
  if (Array.isArray(value)) return value.map(strings);
  if (!isObject(value)) return value;
  const marked = value[asString];
  if (marked !== undefined) return String(marked);
  return mapValues(value, strings);
}

const object = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

/** One line of /proc/net/dev: nine receive fields come before the sent bytes. */
function netDevLine({ devName, inf, rx, tx }: JsonObject): string {
  return `${devName ?? inf ?? 'eth0'}:${rx ?? 0} 1201 0 0 0 0 0 7 ${tx ?? 0} 1187 0 0 0 0 0 0`;
}

function without(keys: Json | undefined, from: JsonObject): JsonObject {
  const omitted = Array.isArray(keys) ? keys : [];
  return Object.fromEntries(Object.entries(from).filter(([key]) => !omitted.includes(key)));
}

const rows = (stats: JsonObject): string[] => Object.entries(stats).map(([key, value]) => `${key},${value}`);
const csv = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
const extraLines = (figures: JsonObject): string[] => (figures['extraLines'] as string[] | undefined) ?? [];

/** The body of one answer: `directory` holds payload files, `values` gives the counters as they are now. */
export function renderBody(
  body: BodySpec | undefined,
  directory: string,
  slim: boolean,
  counters: Values,
): string {
  const values: Values = (name) => (name === '@nowMs' ? Date.now() : counters(name));
  if (body === undefined) return '';
  if (typeof body === 'string') return fillText(body, values);
  if ('file' in body) return fillText(fs.readFileSync(path.join(directory, body.file), 'utf8'), values);
  if ('text' in body) return fillText(body.text, values);
  if ('json' in body) return JSON.stringify(fill(body.json, values));
  for (const [name, build] of Object.entries(builders)) {
    const figures = body[name as BuilderName];
    if (figures === undefined) continue;
    const built = build(figures, slim);
    return typeof built === 'string' ? fillText(built, values) : JSON.stringify(strings(fill(built, values)));
  }
  throw new Error(`payload of unknown kind: ${Object.keys(body).join(', ')}`);
}
