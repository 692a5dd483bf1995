import type { NumberedEvent } from '../health/events.ts';

/** `/publish/EventLog`: reference 9.12. */
export const eventLog = (newestFirst: readonly NumberedEvent[]): string =>
  JSON.stringify({ events: newestFirst.map(eventRecord) });

/** One event as it is published, with its time in whole seconds. */
export const eventRecord = (event: NumberedEvent): Readonly<Record<string, unknown>> => ({
  time: Math.floor(event.timeMs / 1000),
  index: event.index,
  description: event.description,
  name: event.name,
  hostname: event.name,
  type: event.type,
  isAvailable: event.isAvailable,
  ipv4Available: event.ipv4Available,
  ipv6Available: event.ipv6Available,
});
