import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../api/rest.ts';
import { nodePlaces } from './node-places.ts';

const ready = [{ type: 'Ready', status: 'True' }];
const node = (name: string, zone: string, spec: object = {}, conditions: object[] = ready): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: { 'topology.kubernetes.io/zone': zone, 'kubernetes.io/hostname': `host-${name}` },
  },
  spec,
  status: { conditions },
});
const names = (nodes: readonly KubeObject[]): string =>
  nodePlaces(nodes)
    .map(({ name }) => name)
    .join(' ');

describe('nodes for groups', () => {
  test('come zone by zone in turn', () => {
    assert.equal(names([node('a1', 'a'), node('a2', 'a'), node('b1', 'b'), node('c1', 'c')]), 'a1 b1 c1 a2');
  });

  test('are known by their label, as pods choose them', () => {
    assert.deepEqual(nodePlaces([node('a', 'a')]), [{ name: 'a', hostname: 'host-a' }]);
  });

  const closed: readonly [why: string, KubeObject][] = [
    ['not ready', node('x', 'a', {}, [{ type: 'Ready', status: 'Unknown' }])],
    ['cordoned', node('x', 'a', { unschedulable: true })],
    ['kept for others', node('x', 'a', { taints: [{ effect: 'NoSchedule' }] })],
  ];
  for (const [why, one] of closed) test(`are none that are ${why}`, () => assert.equal(names([one]), ''));
});
