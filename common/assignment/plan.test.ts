import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAssignment } from './decode-document.ts';
import { plannedIn } from './plan.ts';

test('a document tells what was planned: who shall have what is handed over, and whose it is when all are well', () => {
  const document = {
    version: 1,
    revision: 3,
    cdn: 'cdn',
    group: 'emea',
    redundancy: 'All',
    groups: [
      { name: 'emea', cachegroups: ['london', 'paris', 'tokyo'], members: [] },
      { name: 'apac', cachegroups: ['paris', 'sydney'], members: [] },
      { name: 'amer', cachegroups: [], members: [] },
    ],
    handovers: [{ cachegroup: 'paris', from: 'apac', to: 'emea' }],
    failovers: [{ cachegroup: 'tokyo', home: 'amer', standIn: 'emea' }],
  };
  const { homes, owners } = plannedIn(decodeAssignment(JSON.stringify(document)));
  assert.deepEqual(Object.fromEntries(owners), {
    london: 'emea',
    paris: 'emea',
    tokyo: 'emea',
    sydney: 'apac',
  });
  assert.deepEqual(Object.fromEntries(homes), {
    london: 'emea',
    paris: 'emea',
    tokyo: 'amer',
    sydney: 'apac',
  });
});
