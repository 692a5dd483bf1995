import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lease, Stored } from '../../common/kube/objects.ts';
import { claimed, mayTake, observe, released } from './lease-record.ts';

const lease = (version: number, spec: Lease['spec'] = {}): Stored<Lease> => ({
  metadata: { name: 'leader', namespace: 'cdn', uid: 'u', resourceVersion: String(version) },
  spec,
});

describe('a Lease that another holds', () => {
  const held = { holderIdentity: 'other', leaseDurationSeconds: 15 };

  test('may be taken once it was not renewed for as long as it says', () => {
    const seen = observe(null, lease(1, held), 1000);
    assert.equal(mayTake(seen, 'me', 15_999), false);
    assert.equal(mayTake(seen, 'me', 16_000), true);
  });

  test('counts from when its last renewal was seen, whatever times it names', () => {
    const first = observe(null, lease(1, { ...held, renewTime: '2001-01-01T00:00:00.000000Z' }), 0);
    const same = observe(first, lease(1, held), 14_000);
    assert.equal(same.sinceMs, 0);
    const renewed = observe(same, lease(2, held), 14_000);
    assert.equal(mayTake(renewed, 'me', 28_999), false);
    assert.equal(mayTake(renewed, 'me', 29_000), true);
  });
});

test('a Lease that nobody or we ourselves hold may be taken at once', () => {
  for (const holderIdentity of ['', 'me']) {
    assert.equal(
      mayTake(observe(null, lease(1, { holderIdentity, leaseDurationSeconds: 15 }), 0), 'me', 0),
      true,
    );
  }
  assert.equal(mayTake(observe(null, lease(1), 0), 'me', 0), true);
});

describe('what is written into a Lease', () => {
  const claim = { identity: 'me', durationSeconds: 15, timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
  const now = '2026-01-02T03:04:05.678000Z';
  const before = { acquireTime: 'then', renewTime: 'then', leaseDurationSeconds: 15, leaseTransitions: 3 };
  const cases: [what: string, before: Lease['spec'] | null, acquireTime: string, leaseTransitions: number][] =
    [
      ['a new one', null, now, 0],
      ['one of ours', { ...before, holderIdentity: 'me' }, 'then', 3],
      ['one of another', { ...before, holderIdentity: 'other' }, now, 4],
      ['one that was given back', { ...before, holderIdentity: '' }, now, 4],
    ];
  for (const [what, spec, acquireTime, leaseTransitions] of cases) {
    test(what, () => {
      assert.deepEqual(claimed(spec, claim), {
        holderIdentity: 'me',
        leaseDurationSeconds: 15,
        acquireTime,
        renewTime: now,
        leaseTransitions,
      });
    });
  }

  test('when it is given back: no holder', () => {
    assert.deepEqual(released({ ...before, holderIdentity: 'me' }, claim.timeMs), {
      ...before,
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: now,
    });
  });
});
