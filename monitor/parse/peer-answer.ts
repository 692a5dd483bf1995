import { type CacheName, cacheName, type DeliveryServiceId, deliveryServiceId } from '../../common/ids.ts';
import { SharedTexts } from '../../common/shared-texts.ts';
import { booleanField, objectField, stringField } from './json-fields.ts';
import { isJsonObject, type JsonObject, readJsonObject } from './json-value.ts';
import { explaining, quotable, typeName, Unreadable } from './unreadable.ts';

/** What a peer says of one cache. */
export interface PeerOpinion {
  readonly isAvailable: boolean;
  readonly ipv4Available: boolean;
  readonly ipv6Available: boolean;
  readonly status: string;
  /** ms since the epoch; null: never polled. */
  readonly lastPollMs: number | null;
}

/** A `/publish/CrStates` of another monitor. */
export interface PeerAnswer {
  readonly caches: ReadonlyMap<CacheName, PeerOpinion>;
  /** Which delivery services are available. */
  readonly deliveryServices: ReadonlyMap<DeliveryServiceId, boolean>;
}

/** Of a peer that has not answered, or not well. */
export const NO_ANSWER: PeerAnswer = { caches: new Map(), deliveryServices: new Map() };

/**
 * Reads the CrStates of a peer, ours or a Go Traffic Monitor: reference 7.2 and 11.5. Keys in any case; what is missing
 * is false or empty; whatever follows the document is passed over.
 *
 * @throws Unreadable naming the entry and what is wrong with it
 */
export function readPeerAnswer(text: string): PeerAnswer {
  const document = readJsonObject(text);
  const caches = new Map<CacheName, PeerOpinion>();
  const shared = new SharedTexts();
  for (const [name, value] of Object.entries(objectField(document, 'caches')))
    caches.set(
      cacheName(name),
      readEntry('caches', name, value, (entry) => opinionOf(entry, shared)),
    );
  const services = new Map<DeliveryServiceId, boolean>();
  for (const [id, value] of Object.entries(objectField(document, 'deliveryServices'))) {
    const isAvailable = readEntry('deliveryServices', id, value, (of) => booleanField(of, 'isAvailable'));
    services.set(deliveryServiceId(id), isAvailable);
  }
  return { caches, deliveryServices: services };
}

function readEntry<T>(place: string, name: string, value: unknown, read: (of: JsonObject) => T): T {
  return explaining(
    () => `${place}["${quotable(name)}"]: `,
    () => {
      if (!isJsonObject(value)) throw new Unreadable(`expected an object, got ${typeName(value)}`);
      return read(value);
    },
  );
}

const opinionOf = (entry: JsonObject, shared: SharedTexts): PeerOpinion => ({
  isAvailable: booleanField(entry, 'isAvailable'),
  ipv4Available: booleanField(entry, 'ipv4Available'),
  ipv6Available: booleanField(entry, 'ipv6Available'),
  status: shared.text(stringField(entry, 'status')),
  lastPollMs: timeOf(stringField(entry, 'lastPoll')),
});

/** Go's unset time; an absent one means the same. */
const UNSET = '0001-01-01T00:00:00Z';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function timeOf(text: string): number | null {
  if (text === '' || text === UNSET) return null;
  const timeMs = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) throw new Unreadable(`lastPoll is no RFC 3339 time: '${quotable(text)}'`);
  return timeMs;
}
