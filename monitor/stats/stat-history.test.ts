import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../../common/ids.ts';
import type { MonitoringConfig } from '../../common/traffic-ops/monitoring.ts';
import { historyLimits, StatHistory } from './stat-history.ts';
import { statInfoOf } from './stat-info.ts';
import { sampleOf } from './testing/samples.ts';

const [edge1, edge2] = [cacheName('edge-1'), cacheName('edge-2')];

describe('the histories of all caches', () => {
  it('are as long as the profile says, at least 1 and at most 1000', () => {
    const counts: readonly [given: number, kept: number][] = [
      [0, 1],
      [-3, 1],
      [5, 5],
      [1e9, 1000],
    ];
    for (const [given, kept] of counts) {
      const config = {
        caches: new Map([[edge1, { name: edge1, profile: 'P' }]]),
        profiles: new Map([['P', { historyCount: given }]]),
      } as unknown as MonitoringConfig;
      assert.deepEqual([...historyLimits(config)], [[edge1, kept]]);
    }
    const lost = {
      caches: new Map([[edge1, { name: edge1, profile: 'P' }]]),
      profiles: new Map(),
    } as unknown as MonitoringConfig;
    assert.deepEqual([...historyLimits(lost)], [[edge1, 1]]);
  });

  it('keep as many infos as the limit says, not one less (D32), failed polls too', () => {
    const history = new StatHistory();
    history.apply(new Map([[edge1, 2]]));
    for (const timeMs of [1, 2, 3]) {
      history.addInfo(edge1, statInfoOf(timeMs, 4.9, null, timeMs === 2 ? 'failed' : null));
    }
    assert.deepEqual(
      history.infos(edge1).map(({ timeMs, error, queryTimeMs }) => [timeMs, error, queryTimeMs]),
      [
        [3, null, 4],
        [2, 'failed', 4],
      ],
    );
    history.apply(new Map([[edge1, 1]]));
    assert.equal(history.infos(edge1).length, 1);
  });

  it('forget caches that are not configured any more, and do not take them in', () => {
    const history = new StatHistory();
    history.apply(new Map([[edge1, 2]]));
    assert.notEqual(history.take(edge1, sampleOf({ a: 1 }), 1), null);
    assert.equal(history.take(edge2, sampleOf({ a: 1 }), 1), null);
    history.apply(new Map([[edge2, 2]]));
    assert.equal(history.of(edge1), null);
  });
});
