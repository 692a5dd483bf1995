import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS, LEASES } from '../../common/kube/resource.ts';
import { configMap, fakeApi, keptLog, MAPS_PATH, NAMESPACE } from '../../common/kube/testing/harness.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { Informers } from './informers.ts';

test('informers tell which kinds are not known yet, and fill a store a kind', async (t) => {
  const { server, api } = await fakeApi(t);
  server.objects.put(MAPS_PATH, configMap('a', 'x'));
  let isForbidden = true;
  server.fault = ({ path }) =>
    isForbidden && path.endsWith('/leases') ? { kind: 'status', code: 403, reason: 'Forbidden' } : null;
  const informers = new Informers({ api, log: keptLog() });
  t.after(() => informers.stop());
  const selection = { namespace: NAMESPACE };
  const changed: string[] = [];
  const maps = informers.add(CONFIG_MAPS, {
    selection,
    indexers: { value: ({ data }) => [data?.['value'] ?? ''] },
    onChange: ({ object }) => void changed.push(object.metadata.name),
  });
  informers.add(LEASES, { selection, onChange: () => {} });
  assert.deepEqual(informers.missing, ['ConfigMap', 'Lease']);
  informers.start();
  await until('ConfigMaps are known', () => informers.missing.length === 1);
  assert.deepEqual(informers.missing, ['Lease']);
  isForbidden = false;
  await informers.synced();
  assert.deepEqual(
    [
      informers.missing,
      changed,
      maps.find('value', 'x').length,
      informers.watched.map(({ objects }) => objects),
    ],
    [[], ['a'], 1, [1, 0]],
  );
});
