import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cachegroupName, cdnName, groupName } from '../../common/ids.ts';
import { type MemberReport, reportMeta } from './member-report.ts';

const REPORT: MemberReport = {
  cdn: cdnName('cdn1'),
  group: groupName('emea'),
  appliedRevision: 12,
  polledRevision: 11,
  unpolled: ['cg-b', 'cg-a'].map(cachegroupName),
  isReady: false,
};

test('a monitor tells in its Lease who it is, what it applies and what it has not polled', () => {
  assert.deepEqual(reportMeta(REPORT), {
    labels: {
      'app.kubernetes.io/component': 'monitor',
      'trafficcontrol.cdn/group': 'emea',
      'trafficcontrol.cdn/cdn': 'cdn1',
    },
    annotations: {
      'trafficcontrol.cdn/applied-revision': '12',
      'trafficcontrol.cdn/polled-revision': '11',
      'trafficcontrol.cdn/unpolled': '{"count":2,"cachegroups":["cg-a","cg-b"]}',
      'trafficcontrol.cdn/ready': 'false',
    },
  });
});

test('of many cachegroups that are not polled it names fifty and counts all', () => {
  const unpolled = Array.from({ length: 300 }, (_, number) => cachegroupName(`cg-${number}`));
  const told = JSON.parse(
    reportMeta({ ...REPORT, unpolled }).annotations['trafficcontrol.cdn/unpolled'] ?? '',
  );
  assert.deepEqual([told.count, told.cachegroups.length], [300, 50]);
});
