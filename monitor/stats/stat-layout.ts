import { interned } from './history-value.ts';

/** Which statistics a payload names, in its order; caches whose payloads name the same ones share it. Never changes. */
export class StatLayout {
  /** By slot. */
  readonly names: readonly string[];
  #sorted: Uint32Array | null = null;

  constructor(names: readonly string[]) {
    this.names = interned(names);
  }

  /** Slots in the order of their names. */
  get sorted(): Uint32Array {
    const { names } = this;
    this.#sorted ??= Uint32Array.from(names.keys()).sort((a, b) =>
      (names[a] ?? '') < (names[b] ?? '') ? -1 : 1,
    );
    return this.#sorted;
  }
}

export const EMPTY_LAYOUT = new StatLayout([]);

/** So many shapes of payloads are looked for to share; a CDN has a few. */
const MOST_SHAPES = 1000;

/** Finds the layout that another cache has already. Does not keep layouts that nobody uses. */
export class StatLayouts {
  readonly #byShape = new Map<string, WeakRef<StatLayout>>();

  of(names: readonly string[]): StatLayout {
    const shape = `${names.length} ${names[0]} ${names.at(-1)}`;
    const known = this.#byShape.get(shape)?.deref();
    if (known !== undefined && sameNames(known.names, names)) return known;
    const layout = new StatLayout(names);
    if (this.#byShape.size >= MOST_SHAPES) this.#byShape.clear();
    this.#byShape.set(shape, new WeakRef(layout));
    return layout;
  }
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, slot) => name === b[slot]);
}
