import type { HealthProtocol, LogLocation, PollingProtocol } from './settings.ts';

/** What a key means to a person: the table of docs/configuration.md is made of it. */
export interface KeyDoc {
  readonly meaning: string;
  /** How it differs from the Go monitor, if it does. */
  readonly differs?: string;
}

/** One key of a settings file. */
export interface Key<T> extends KeyDoc {
  /** Type and unit, for people. */
  readonly type: string;
  readonly initial: T;
  readonly initialText: string;
  /** Completes "must be ...". */
  readonly rule: string;
  /** Its value may not appear in a message. */
  readonly secret?: boolean;
  /**
   * What the key's value becomes, `undefined` if it breaks the rule. `current` is the default, or what an
   * earlier occurrence of the same key set.
   */
  read(value: unknown, current: T): T | undefined;
  /** Replaces "is <value>: must be <rule>". */
  refusal?(value: unknown): string;
}

/** The longest delay of a Node timer, 24.8 days; also the limit of counts, so that each fits an array. */
const LARGEST = 2_147_483_647;

interface WholeDoc extends KeyDoc {
  readonly min?: number;
  readonly unit?: string;
}

/** A count. null keeps the value, as in the Go monitor. */
export const whole = (initial: number, doc: WholeDoc): Key<number> => {
  const { min = 0, unit } = doc;
  return {
    ...described(doc),
    type: unit === undefined ? 'whole number' : `whole number, ${unit}`,
    initial,
    initialText: String(initial),
    rule: `a whole number, ${min < 0 ? `${min} to ${LARGEST}` : `${min} or more and at most ${LARGEST}`}`,
    read: (value, current) => {
      if (value === null) return current;
      return Number.isInteger(value) && Number(value) >= min && Number(value) <= LARGEST
        ? Number(value)
        : undefined;
    },
  };
};

/** A count that may be negative. */
export const signed = (initial: number, doc: KeyDoc): Key<number> =>
  whole(initial, { ...doc, min: -LARGEST - 1 });

/** A duration; null sets the default again (reference 1.2). */
export const milliseconds = (initial: number, doc: Omit<WholeDoc, 'unit'>): Key<number> => {
  const count = whole(initial, { ...doc, unit: 'ms' });
  return { ...count, read: (value) => count.read(value ?? initial, initial) };
};

export const flag = (initial: boolean, doc: KeyDoc): Key<boolean> => ({
  ...described(doc),
  type: 'boolean',
  initial,
  initialText: String(initial),
  rule: 'true or false',
  read: (value, current) => {
    if (value === null) return current;
    return typeof value === 'boolean' ? value : undefined;
  },
});

interface TextDoc<T> extends KeyDoc {
  readonly type?: string;
  readonly rule?: string;
  readonly secret?: boolean;
  /** `undefined` if the text breaks the rule. */
  readonly as: (text: string) => T | undefined;
}

/** A string that means something else than itself. null is the empty string (reference 1.2). */
export const textAs = <T>(initialText: string, initial: T, doc: TextDoc<T>): Key<T> => ({
  ...described(doc),
  type: doc.type ?? 'string',
  initial,
  initialText: initialText === '' ? 'empty' : initialText,
  rule: doc.rule ?? 'a string in double quotes',
  ...(doc.secret === true ? { secret: true } : {}),
  read: (value) => {
    const text = value ?? '';
    return typeof text === 'string' ? doc.as(text) : undefined;
  },
});

export const text = (initial: string, doc: Omit<TextDoc<string>, 'as' | 'rule'>): Key<string> =>
  textAs(initial, initial, { ...doc, as: (value) => value });

/** Where a log goes: reference 1.2, "Log location values". */
export const logLocation = (initialText: string, doc: KeyDoc): Key<LogLocation> =>
  textAs(initialText, locationOf(initialText), {
    ...doc,
    type: 'log location',
    rule: '"stdout", "stderr", "null" (or empty: off) or the path of a file',
    as: locationOf,
  });

/** In any case; the only string key for which null is wrong (reference 1.2). */
export const protocol = (initial: PollingProtocol, doc: KeyDoc): Key<PollingProtocol> => ({
  ...described(doc),
  type: 'string',
  initial,
  initialText: initial,
  rule: '"ipv4only", "ipv6only" or "both", in any case',
  read: (value) => PROTOCOLS.find((name) => typeof value === 'string' && value.toLowerCase() === name),
  // Go quotes no value here, and a line break in it may not break the message.
  refusal: (value) => `parsed invalid PollingProtocol: ${JSON.stringify(value).replace(/^"|"$/g, '')}`,
});

/** In any case. */
export const healthProtocol = (initial: HealthProtocol, doc: KeyDoc): Key<HealthProtocol> =>
  textAs(initial, initial, {
    ...doc,
    rule: '"optimistic" or "pessimistic", in any case',
    as: (value) => HEALTH_PROTOCOLS.find((name) => value.toLowerCase() === name),
  });

const HEALTH_PROTOCOLS: readonly HealthProtocol[] = ['optimistic', 'pessimistic'];

const PROTOCOLS: readonly PollingProtocol[] = ['ipv4only', 'ipv6only', 'both'];

function locationOf(value: string): LogLocation {
  if (value === 'stdout' || value === 'stderr' || value === 'null') return Object.freeze({ to: value });
  return Object.freeze(value === '' ? { to: 'null' } : { to: 'file', path: value });
}

const described = ({ meaning, differs }: KeyDoc): KeyDoc =>
  differs === undefined ? { meaning } : { meaning, differs };
