import type { JsonObject } from './json-value.ts';
import type { PayloadStats, StatValue } from './sample.ts';

/** No statistics. */
export const NO_STATS: PayloadStats = new Map<string, StatValue>();

/** A view of a JSON object's entries, without the hidden ones. Names like `constructor` or `__proto__` are safe. */
export class ObjectStats implements PayloadStats {
  readonly #values: JsonObject;
  readonly #hidden: ReadonlySet<string>;

  constructor(values: JsonObject, hidden: ReadonlySet<string>) {
    this.#values = values;
    this.#hidden = hidden;
  }

  get(name: string): StatValue | undefined {
    return Object.hasOwn(this.#values, name) && !this.#hidden.has(name) ? this.#values[name] : undefined;
  }

  forEach(visitor: (value: StatValue, name: string) => void): void {
    for (const name of Object.keys(this.#values)) {
      if (!this.#hidden.has(name)) visitor(this.#values[name], name);
    }
  }
}
