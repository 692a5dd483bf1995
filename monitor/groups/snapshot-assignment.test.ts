import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachegroupName, cdnName, monitorName, profileName } from '../../common/ids.ts';
import type { MonitoringConfig, MonitorServer } from '../../common/traffic-ops/monitoring.ts';
import { cacheServer, monitoringConfig } from '../testing/configs.ts';
import { assignmentOfSnapshot } from './snapshot-assignment.ts';

const monitor = (name: string, cachegroup: string, status = 'ONLINE'): MonitorServer => ({
  name: monitorName(name),
  fqdn: `${name}.cdn.test`,
  port: 80,
  ip: '192.0.2.9',
  ip6: '',
  profile: profileName('RASCAL'),
  cachegroup: cachegroupName(cachegroup),
  status,
});

const places = new Map(
  Object.entries({ paris: 2, lyon: 5, berlin: 13, minsk: 27, kyiv: 30 }).map(([name, longitude]) => [
    cachegroupName(name),
    { latitude: 50, longitude },
  ]),
);

/** Caches in lyon, minsk and kyiv; monitors where the test says. */
function configOf(monitors: readonly MonitorServer[]): MonitoringConfig {
  const caches = [
    ...['lyon', 'minsk', 'kyiv'].map((group) =>
      cacheServer(`edge-${group}`, { cachegroup: cachegroupName(group) }),
    ),
    cacheServer('edge-gone', { cachegroup: cachegroupName('atlantis'), status: 'OFFLINE' }),
  ];
  return {
    ...monitoringConfig({ caches }),
    monitors: new Map(monitors.map((each) => [each.name, each])),
    cachegroups: places,
  };
}

const assignmentFor = (config: MonitoringConfig, self: string) =>
  assignmentOfSnapshot(cdnName('cdn-1'), config, monitorName(self));

describe('the assignment that follows from the Traffic Monitors of a snapshot', () => {
  it('makes a group of the monitors of each cachegroup, and lets groups take the closest cachegroup in turn', () => {
    const config = configOf([monitor('tm-1', 'paris'), monitor('tm-2', 'paris'), monitor('tm-3', 'berlin')]);
    const { group, groups, redundancy } = assignmentFor(config, 'tm-2');
    assert.equal(group, 'paris');
    assert.equal(redundancy, 'All');
    assert.deepEqual(
      groups.map(({ name, cachegroups, members }) => [
        name,
        [...cachegroups].sort(),
        members.map(({ host }) => host),
      ]),
      [
        // berlin has the first turn, and lyon is closer to it than minsk.
        ['berlin', ['kyiv', 'lyon'], ['tm-3.cdn.test']],
        ['paris', ['minsk'], ['tm-1.cdn.test', 'tm-2.cdn.test']],
      ],
    );
  });

  it('is the same for every monitor but for whose it is', () => {
    const config = configOf([monitor('tm-1', 'paris'), monitor('tm-3', 'berlin')]);
    assert.deepEqual(assignmentFor(config, 'tm-1').groups, assignmentFor(config, 'tm-3').groups);
  });

  it('counts only monitors with the status of this one', () => {
    const config = configOf([
      monitor('tm-1', 'paris'),
      monitor('tm-2', 'paris', 'OFFLINE'),
      monitor('tm-3', 'berlin', 'OFFLINE'),
    ]);
    const [only, ...others] = assignmentFor(config, 'tm-1').groups;
    assert.deepEqual(others, []);
    assert.deepEqual(
      only?.members.map(({ name }) => name),
      ['tm-1'],
    );
    assert.deepEqual([...(only?.cachegroups ?? [])].sort(), ['kyiv', 'lyon', 'minsk']);
  });

  const unusable: readonly (readonly [what: string, monitors: readonly MonitorServer[]])[] = [
    ['does not have this monitor', [monitor('tm-2', 'paris')]],
    ['gives it no status', [monitor('tm-1', 'paris', '')]],
    ['gives it no cachegroup', [monitor('tm-1', '')]],
  ];
  for (const [what, monitors] of unusable) {
    it(`cannot be made of a snapshot that ${what}`, () => {
      assert.throws(
        () => assignmentFor(configOf(monitors), 'tm-1'),
        /^NotInSnapshotError: getting cachegroups to poll: unable to find status for this Traffic Monitor \(tm-1\)/,
      );
    });
  }
});
