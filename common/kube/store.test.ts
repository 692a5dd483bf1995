import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ConfigMap, Stored } from './objects.ts';
import { Store } from './store.ts';

const object = (name: string, version: number, owner = 'none'): Stored<ConfigMap> => ({
  metadata: { name, namespace: 'cdn', uid: `uid of ${name}`, resourceVersion: String(version) },
  data: { owner },
});

const byOwner = { owner: ({ data }: Stored<ConfigMap>) => [data?.['owner'] ?? ''] };

const objects = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    version: fc.nat(3),
    owner: fc.constantFrom('x', 'y'),
  }),
  { selector: ({ name }) => name },
);

describe('a store', () => {
  test('tells what a new version changes, and nothing for one that it has', () => {
    const store = new Store<ConfigMap>();
    assert.deepEqual(store.set(object('a', 1)), [{ type: 'added', object: object('a', 1) }]);
    assert.deepEqual(store.set(object('a', 1)), []);
    assert.deepEqual(store.set(object('a', 2)), [
      { type: 'modified', object: object('a', 2), previous: object('a', 1) },
    ]);
    assert.deepEqual(store.remove(object('a', 3)), [{ type: 'deleted', object: object('a', 3) }]);
    assert.deepEqual(store.remove(object('a', 3)), []);
  });

  test('finds objects by index, and refuses an index that it does not have', () => {
    const store = new Store<ConfigMap>(byOwner);
    store.replaceAll([object('a', 1, 'x'), object('b', 1, 'x'), object('c', 1, 'y')]);
    store.set(object('b', 2, 'y'));
    assert.deepEqual(
      store.find('owner', 'x').map(({ metadata }) => metadata.name),
      ['a'],
    );
    assert.deepEqual(
      store
        .find('owner', 'y')
        .map(({ metadata }) => metadata.name)
        .sort(),
      ['b', 'c'],
    );
    assert.throws(() => store.find('colour', 'red'), /no index colour/);
  });

  test('is what was listed last, whatever it was before, and so are its indexes', () => {
    fc.assert(
      fc.property(fc.array(objects), objects, (before, last) => {
        const store = new Store<ConfigMap>(byOwner);
        const toObject = (one: (typeof last)[number]) => object(one.name, one.version, one.owner);
        for (const list of before) store.replaceAll(list.map(toObject));
        const old = new Map([...store.values()].map((one) => [one.metadata.name, one]));
        const changes = store.replaceAll(last.map(toObject));
        assert.deepEqual(
          [...store.values()].map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort(),
          last.map(({ name, version }) => `${name} ${version}`).sort(),
        );
        for (const owner of ['x', 'y']) {
          assert.deepEqual(
            store
              .find('owner', owner)
              .map(({ metadata }) => metadata.name)
              .sort(),
            [...store.values()]
              .filter(({ data }) => data?.['owner'] === owner)
              .map(({ metadata }) => metadata.name)
              .sort(),
          );
        }
        // Each change takes the old content one step to the new.
        for (const change of changes) {
          if (change.type === 'deleted') old.delete(change.object.metadata.name);
          else old.set(change.object.metadata.name, change.object);
        }
        assert.equal(old.size, store.size);
      }),
    );
  });
});
