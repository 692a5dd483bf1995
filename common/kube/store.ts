import { type KubeObject, keyOf, type Stored } from './objects.ts';

/** What has become of one object. */
export type Change<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: Stored<T> }
  | { readonly type: 'modified'; readonly object: Stored<T>; readonly previous: Stored<T> }
  /** As it was last seen. */
  | { readonly type: 'deleted'; readonly object: Stored<T> };

/** Index → the values under which an object is to be found, e.g. its owner's uid. */
export type Indexers<T extends KubeObject> = Readonly<
  Record<string, (object: Stored<T>) => readonly string[]>
>;

/** The objects of one kind as they were last seen, by `namespace/name`. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, Stored<T>>();
  readonly #indexers: readonly (readonly [
    name: string,
    valuesOf: (object: Stored<T>) => readonly string[],
  ])[];
  /** Index → value → keys. */
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = Object.entries(indexers);
    for (const [name] of this.#indexers) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  /** @param key `namespace/name`. undefined: there is none */
  get(key: string): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<Stored<T>> {
    return this.#objects.values();
  }

  /** The objects that an indexer puts under a value. @throws Error for an index that does not exist */
  find(index: string, value: string): Stored<T>[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new Error(`no index ${index}`);
    return [...(found.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Takes over an object as it is now; what changed by that, in order. */
  set(object: Stored<T>): Change<T>[] {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    this.#put(key, object);
    if (previous === undefined) return [{ type: 'added', object }];
    // Deleted and created anew while nobody looked.
    if (previous.metadata.uid !== object.metadata.uid) {
      return [
        { type: 'deleted', object: previous },
        { type: 'added', object },
      ];
    }
    return [{ type: 'modified', object, previous }];
  }

  /** @param object as it was when it was deleted */
  remove(object: Stored<T>): Change<T>[] {
    const key = keyOf(object);
    if (!this.#objects.has(key)) return [];
    this.#drop(key);
    return [{ type: 'deleted', object }];
  }

  /** Takes over a whole list; what is not in it is gone. */
  replaceAll(objects: readonly Stored<T>[]): Change<T>[] {
    const listed = new Set(objects.map(keyOf));
    const gone = [...this.#objects].filter(([key]) => !listed.has(key)).map(([, object]) => object);
    return [
      ...gone.flatMap((object) => this.remove(object)),
      ...objects.flatMap((object) => this.set(object)),
    ];
  }

  #put(key: string, object: Stored<T>): void {
    this.#drop(key);
    this.#objects.set(key, object);
    for (const [index, value] of this.#placesOf(object)) {
      const keys = index.get(value) ?? new Set();
      index.set(value, keys.add(key));
    }
  }

  #drop(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    for (const [index, value] of this.#placesOf(object)) {
      const keys = index.get(value);
      keys?.delete(key);
      if (keys?.size === 0) index.delete(value);
    }
  }

  #placesOf(object: Stored<T>): (readonly [index: Map<string, Set<string>>, value: string])[] {
    return this.#indexers.flatMap(([name, valuesOf]) => {
      const index = this.#indexes.get(name);
      return index === undefined ? [] : valuesOf(object).map((value) => [index, value] as const);
    });
  }
}
