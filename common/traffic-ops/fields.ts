/**
 * Reads a decoded JSON object the way Go reads one into a struct (reference 2.1): keys compare case-insensitively,
 * unknown keys are ignored, null means the zero value, and a wrong type is an error that names the place.
 */

/** A value has the wrong type. The message names the place and the value. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

export class Fields {
  readonly #values = new Map<string, unknown>();
  #place: string;

  /** @throws FieldError if the value is neither an object nor null */
  constructor(value: unknown, place: string) {
    this.#place = place;
    if (value === null || value === undefined) return;
    if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(place, value, 'an object');
    for (const [key, field] of Object.entries(value)) {
      // A later null does not undo an earlier spelling of the same key, as in Go.
      if (field !== null) this.#values.set(key.toLowerCase(), field);
    }
  }

  /** Adds the object's own name to what errors say: `trafficServers[3] "edge-1"`. */
  call(name: string): void {
    this.#place += ` ${JSON.stringify(name)}`;
  }

  /** undefined: absent or null. */
  raw(key: string): unknown {
    return this.#values.get(key.toLowerCase());
  }

  place(key: string): string {
    return this.#place === '' ? key : `${this.#place} ${key}`;
  }

  string(key: string): string {
    return this.optionalString(key) ?? '';
  }

  optionalString(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'string') return value;
    throw wrongType(this.place(key), value, 'a string');
  }

  boolean(key: string): boolean {
    const value = this.raw(key) ?? false;
    if (typeof value === 'boolean') return value;
    throw wrongType(this.place(key), value, 'true or false');
  }

  integer(key: string): number {
    return this.optionalInteger(key) ?? 0;
  }

  optionalInteger(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return value;
    throw wrongType(this.place(key), value, 'an integer');
  }

  optionalUnsigned(key: string): number | undefined {
    const value = this.optionalInteger(key);
    if (value !== undefined && value < 0) throw wrongType(this.place(key), value, 'an integer from 0 up');
    return value;
  }

  /** Finite: JSON can write numbers that are not, like `1e999`. */
  number(key: string): number {
    const value = this.raw(key) ?? 0;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw wrongType(this.place(key), value, 'a finite number');
  }

  list(key: string): readonly unknown[] {
    const value = this.raw(key) ?? [];
    if (Array.isArray(value)) return value;
    throw wrongType(this.place(key), value, 'an array');
  }

  strings(key: string): string[] {
    return this.list(key).map((item, index) => {
      if (item === null) return '';
      if (typeof item === 'string') return item;
      throw wrongType(`${this.place(key)}[${index}]`, item, 'a string');
    });
  }

  object(key: string): Fields {
    return new Fields(this.raw(key), this.place(key));
  }

  objects(key: string): Fields[] {
    return this.list(key).map((item, index) => new Fields(item, `${this.place(key)}[${index}]`));
  }

  /** The entries of an object whose keys are data, case and all, in the order of the document. */
  entries(key: string): [string, unknown][] {
    const value = this.raw(key) ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value);
    throw wrongType(this.place(key), value, 'an object');
  }
}

/** `<place> is <value>: must be <wanted>`. */
export function wrongType(place: string, value: unknown, wanted: string): FieldError {
  return new FieldError(`${place} is ${describe(value)}: must be ${wanted}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
