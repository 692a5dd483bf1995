import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cdnName, groupName } from '../../common/ids.ts';
import {
  dnsLabel,
  groupObjectName,
  headlessServiceName,
  labelValue,
  routerServiceName,
  snapshotConfigMapName,
} from './names.ts';

test('a CDN name that Kubernetes allows stays as it is', () => {
  assert.equal(labelValue('CDN_one.2'), 'CDN_one.2');
  assert.equal(routerServiceName(cdnName('cdn1')), 'traffic-monitor-cdn1');
});

test('no two Services have one name, whatever groups and CDNs are called', () => {
  const names = ['x', 'x-peers', 'peers-x', 'tm-x', 'traffic-monitor-x'];
  const services = names.flatMap((name) => [
    groupObjectName(groupName(name)),
    headlessServiceName(groupName(name)),
    routerServiceName(cdnName(name)),
  ]);
  assert.equal(new Set(services).size, services.length);
});

test('CDN names that differ only in what Kubernetes forbids give different object names', () => {
  const names = ['my cdn', 'my-cdn', 'my_cdn', 'My-cdn', 'my/cdn'].map((name) =>
    routerServiceName(cdnName(name)),
  );
  assert.equal(new Set(names).size, names.length);
});

test('whatever the CDN is called, labels and object names are valid', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), (text) => {
      assert.match(labelValue(text), /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
      assert.match(dnsLabel(text, 40), /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
      for (const name of [routerServiceName(cdnName(text)), snapshotConfigMapName(cdnName(text), 7)]) {
        assert.match(name, /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }
    }),
  );
});
