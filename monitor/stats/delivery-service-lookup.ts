import type { DeliveryServiceId } from '../../common/ids.ts';
import { classify, type HostRegexes, type RegexClasses } from './host-regexes.ts';

/** Figures of a delivery service that caches count, in the order in which they are kept. */
export const counters = [
  'out_bytes',
  'status_2xx',
  'status_3xx',
  'status_4xx',
  'status_5xx',
  'in_bytes',
] as const;

const counterIndexes: ReadonlyMap<string, number> = new Map(counters.map((name, index) => [name, index]));

/** Names of DNS end here: no pattern is ever tried on more. */
const LONGEST_HOST = 255;
/** More host names than this are not remembered: a cache can make up any number. */
const MOST_HOSTS = 100_000;

const PREFIX = 'plugin.remap_stats.';

/** What a payload's statistic is to delivery services. */
export interface StatMeaning {
  readonly xmlId: DeliveryServiceId;
  /** Index in `counters`. */
  readonly counter: number;
}

/** Which delivery service a payload's statistic belongs to: reference 4.7. Never changes: a new config makes a new one. */
export class DeliveryServiceLookup {
  readonly #classes: RegexClasses;
  readonly #known: ReadonlySet<string>;
  /** Host name → its delivery service; null: none. */
  readonly #hosts = new Map<string, DeliveryServiceId | null>();

  constructor(all: readonly HostRegexes[]) {
    this.#classes = classify(all);
    this.#known = new Set(all.map(({ xmlId }) => xmlId));
  }

  /** Regexes that were left out, and why. */
  get warnings(): readonly string[] {
    return this.#classes.warnings;
  }

  /** `plugin.remap_stats.<host name of at least three labels>.<stat>`; null: no statistic of ours. */
  byHost(statName: string): StatMeaning | null {
    const parts = splitName(statName);
    if (parts === null) return null;
    const xmlId = this.find(parts.subject);
    return xmlId === null ? null : { xmlId, counter: parts.counter };
  }

  /** `plugin.remap_stats.<xmlId>.<stat>`, of the format `astats-dsnames` (D2). */
  byXmlId(statName: string): StatMeaning | null {
    const parts = splitName(statName);
    if (parts === null || !this.#known.has(parts.subject)) return null;
    return { xmlId: parts.subject as DeliveryServiceId, counter: parts.counter };
  }

  /** The delivery service of a host name; null: none. */
  find(host: string): DeliveryServiceId | null {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const found = this.#search(host);
    if (this.#hosts.size >= MOST_HOSTS) this.#hosts.clear();
    this.#hosts.set(host, found);
    return found;
  }

  #search(host: string): DeliveryServiceId | null {
    if (host.length > LONGEST_HOST) return null;
    const { dotFoo, exact, patterns } = this.#classes;
    const [, label, rest] = host.split('.', 3);
    // The Go monitor wants a name of two labels and a domain.
    if (label === undefined || rest === undefined) return null;
    return (
      dotFoo.get(label) ?? exact.get(host) ?? patterns.find(({ regex }) => regex.test(host))?.xmlId ?? null
    );
  }
}

function splitName(statName: string): { subject: string; counter: number } | null {
  if (!statName.startsWith(PREFIX)) return null;
  const dot = statName.lastIndexOf('.');
  const counter = counterIndexes.get(statName.slice(dot + 1));
  if (counter === undefined || dot <= PREFIX.length) return null;
  return { subject: statName.slice(PREFIX.length, dot), counter };
}
