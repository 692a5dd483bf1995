import type { Payload, PayloadFormat, Sample } from './sample.ts';
import { reasonOf } from './unreadable.ts';

/**
 * A payload format out of a reader that throws `Unreadable`.
 * Everything thrown becomes an error outcome, a bug in a reader too: one cache's answer may cost that cache
 * its availability, never the monitor its life.
 */
export function payloadFormat(name: string, read: (payload: Payload) => Sample): PayloadFormat {
  return {
    name,
    parse(payload) {
      try {
        return { kind: 'sample', sample: read(payload) };
      } catch (error) {
        return { kind: 'error', reason: reasonOf(error) };
      }
    },
  };
}
