/** An assignment document cannot be used. The message names the path, the value and the rule. */
export class AssignmentError extends Error {
  override readonly name = 'AssignmentError';
}

/** Reads one object of the document and knows its place, for what errors say. */
export class DocumentReader {
  readonly #values: Readonly<Record<string, unknown>>;
  #place: string;

  private constructor(values: Readonly<Record<string, unknown>>, place: string) {
    this.#values = values;
    this.#place = place;
  }

  /** @throws AssignmentError if the value is no object */
  static of(value: unknown, place = ''): DocumentReader {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return new DocumentReader(value as Readonly<Record<string, unknown>>, place);
    throw wrong(place === '' ? 'the assignment' : place, value, 'must be an object');
  }

  /** Adds the object's own name to what errors say: `groups[3] "emea"`. */
  call(name: string): void {
    this.#place += ` ${JSON.stringify(name)}`;
  }

  raw(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
  }

  wrong(key: string, rule: string): AssignmentError {
    return wrong(this.#pathOf(key), this.raw(key), rule);
  }

  name(key: string): string {
    return nameOf(this.raw(key), this.#pathOf(key));
  }

  names(key: string): string[] {
    return this.#list(key).map((item, index) => nameOf(item, `${this.#pathOf(key)}[${index}]`));
  }

  whole(
    key: string,
    from: number,
    told = `a whole number from ${from} up`,
    to = Number.MAX_SAFE_INTEGER,
  ): number {
    const value = this.raw(key);
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    const limit = to === Number.MAX_SAFE_INTEGER ? told : `a whole number from ${from} to ${to}`;
    throw this.wrong(key, `must be ${limit}`);
  }

  objects(key: string): DocumentReader[] {
    return this.#list(key).map((item, index) => DocumentReader.of(item, `${this.#pathOf(key)}[${index}]`));
  }

  optionalObjects(key: string): DocumentReader[] {
    return this.raw(key) === undefined ? [] : this.objects(key);
  }

  #list(key: string): readonly unknown[] {
    const value = this.raw(key);
    if (Array.isArray(value)) return value;
    throw this.wrong(key, 'must be an array');
  }

  #pathOf(key: string): string {
    return this.#place === '' ? key : `${this.#place} ${key}`;
  }
}

function nameOf(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(path, value, 'must be a text that is not empty');
}

function wrong(path: string, value: unknown, rule: string): AssignmentError {
  return new AssignmentError(`${path} is ${describe(value)}: ${rule}`);
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
