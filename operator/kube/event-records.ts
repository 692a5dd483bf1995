import { microTime, type ObjectMeta } from '../../common/kube/objects.ts';

/** Which object an event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

export interface EventFacts {
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase: why. The same as that of the condition that changed. */
  readonly reason: string;
  /** One word in CamelCase: what was done, or could not be. */
  readonly action: string;
  /** For people; the API server takes 1024 bytes. */
  readonly note: string;
}

/** An event of `events.k8s.io/v1`. */
export interface KubeEvent {
  readonly metadata: ObjectMeta & { readonly name: string; readonly namespace: string };
  readonly eventTime: string;
  readonly type: string;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly regarding: EventSubject;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly series?: EventSeries;
}

/** From the second time on. */
export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

export interface Reporter {
  /** As `domain/name`. */
  readonly controller: string;
  /** Which process: the pod's name. */
  readonly instance: string;
}

const MAX_NOTE_BYTES = 1024;

/** Two events with the same key are one that happened twice. */
export const eventKey = (subject: EventSubject, { type, reason, action, note }: EventFacts): string =>
  JSON.stringify([subject.uid, subject.kind, subject.namespace, subject.name, type, reason, action, note]);

/**
 * The first event of its key.
 *
 * @param timeMs since 1970
 * @param number tells events of the same object and time apart
 */
export function firstEvent(
  subject: EventSubject,
  facts: EventFacts,
  reporter: Reporter,
  timeMs: number,
  number: number,
): KubeEvent {
  const { name, namespace } = subject;
  const suffix = `${timeMs.toString(16)}${number.toString(16).padStart(4, '0')}`;
  return {
    // The whole name has to be a DNS name of at most 253 characters.
    metadata: { name: `${name.slice(0, 200)}.${suffix}`, namespace },
    eventTime: microTime(timeMs),
    ...facts,
    note: shortened(facts.note),
    regarding: subject,
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, 128),
  };
}

/** Cut between characters, with an ellipsis. */
function shortened(note: string): string {
  if (Buffer.byteLength(note) <= MAX_NOTE_BYTES) return note;
  const cut = Buffer.from(note)
    .subarray(0, MAX_NOTE_BYTES - 3)
    .toString('utf8');
  return `${cut.replace(/\uFFFD+$/, '')}…`;
}
