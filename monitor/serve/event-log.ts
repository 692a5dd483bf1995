import type { NumberedEvent } from '../health/events.ts';

/** `/publish/EventLog`: reference 9.12. */
export function eventLog(newestFirst: readonly NumberedEvent[]): string {
  const events = newestFirst.map((event) => ({
    time: Math.floor(event.timeMs / 1000),
    index: event.index,
    description: event.description,
    name: event.name,
    hostname: event.name,
    type: event.type,
    isAvailable: event.isAvailable,
    ipv4Available: event.ipv4Available,
    ipv6Available: event.ipv6Available,
  }));
  return JSON.stringify({ events });
}
