import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { deliveryServiceId } from '../../common/ids.ts';
import { healthConfigOf } from '../health-config.ts';
import {
  cacheServer,
  networkInterface,
  recordError,
  recordGood,
  snapshotOf,
  statesOf,
} from '../testing/configs.ts';
import { CrStatesWriter } from './cr-states.ts';

const T = Date.UTC(2026, 4, 7, 4, 5, 6, 789);

describe('CrStates', () => {
  it('has these bytes', () => {
    const demo = { deliveryServices: [deliveryServiceId('demo')] };
    const states = statesOf({
      caches: [
        cacheServer('edge-2', demo),
        cacheServer('edge-1', demo),
        cacheServer('edge-3', { status: 'ONLINE' }),
        cacheServer('edge-4', {
          status: 'ONLINE',
          interfaces: [networkInterface(['192.0.2.4', '2001:db8::4'])],
        }),
        cacheServer('edge-5', { status: 'ADMIN_DOWN' }),
        cacheServer('edge-6'),
        cacheServer('edge-7', { status: 'OFFLINE' }),
      ],
      deliveryServices: ['other', 'demo'],
    });
    recordGood(states, 'edge-1', T);
    recordError(states, 'edge-2', T + 1, 'id edge-2 url <http://a/?b&c> \u2028\u2029 "quoted"');
    recordGood(states, 'edge-5', T + 2);
    const flags = (combined: boolean, ipv4: boolean, ipv6 = false): string =>
      `"isAvailable":${combined},"ipv4Available":${ipv4},"ipv6Available":${ipv6}`;
    const unset = '"lastPoll":"0001-01-01T00:00:00Z"';
    assert.equal(
      String(new CrStatesWriter(states.combined).write()),
      '{"caches":{' +
        `"edge-1":{${flags(true, true)},"status":"REPORTED - available","lastPoll":"2026-05-07T04:05:06.789Z"},` +
        `"edge-2":{${flags(false, false)},"status":"REPORTED - id edge-2 url \\u003chttp://a/?b\\u0026c\\u003e \\u2028\\u2029 \\"quoted\\"; bond0: not found in polled data","lastPoll":"2026-05-07T04:05:06.790Z"},` +
        `"edge-3":{${flags(true, true)},"status":"",${unset}},` +
        `"edge-4":{${flags(true, true, true)},"status":"",${unset}},` +
        `"edge-5":{${flags(false, false)},"status":"ADMIN_DOWN - available","lastPoll":"2026-05-07T04:05:06.791Z"},` +
        `"edge-6":{${flags(false, false)},"status":"",${unset}}` +
        '},"deliveryServices":{' +
        '"demo":{"disabledLocations":[],"isAvailable":true},"other":{"disabledLocations":[],"isAvailable":false}}}',
    );
  });

  it('of a CDN without anything is empty', () => {
    assert.equal(
      String(new CrStatesWriter(statesOf({}).combined).write()),
      '{"caches":{},"deliveryServices":{}}',
    );
  });

  it('rewrites only the entries that a poll has touched', (t) => {
    const states = statesOf({ caches: ['edge-1', 'edge-2', 'edge-3'].map((name) => cacheServer(name)) });
    for (const name of ['edge-1', 'edge-2', 'edge-3']) recordGood(states, name, T);
    const writer = new CrStatesWriter(states.combined);
    const first = String(writer.write());
    const written = t.mock.method(Date.prototype, 'toISOString');
    assert.equal(String(writer.write()), first);
    assert.equal(written.mock.callCount(), 0);

    recordGood(states, 'edge-2', T + 2000);
    const second = String(writer.write());
    assert.equal(written.mock.callCount(), 1);
    assert.equal(second, first.replace(/("edge-2".*?)06\.789Z/, '$108.789Z'));
  });

  it('tells a new verdict even if the time is the same', () => {
    const states = statesOf({ caches: [cacheServer('edge-1')] });
    recordGood(states, 'edge-1', T);
    const writer = new CrStatesWriter(states.combined);
    assert.equal(JSON.parse(String(writer.write())).caches['edge-1'].isAvailable, true);
    recordError(states, 'edge-1', T, 'gone');
    assert.equal(JSON.parse(String(writer.write())).caches['edge-1'].isAvailable, false);
  });

  it('is the same whatever was written before, after any polls', () => {
    const names = ['edge-1', 'edge-2', 'edge-3', 'edge-4'];
    const states = statesOf({
      caches: names.map((name) => cacheServer(name, { deliveryServices: [deliveryServiceId('demo')] })),
      deliveryServices: ['demo'],
    });
    const writer = new CrStatesWriter(states.combined);
    const poll = fc.record({
      cache: fc.constantFrom(...names),
      ms: fc.nat(5000),
      reason: fc.constantFrom(null, 'gone', 'away', 'é', 'a longer reason'),
    });
    fc.assert(
      fc.property(fc.array(poll, { maxLength: 6 }), (polls) => {
        for (const { cache, ms, reason } of polls) {
          if (reason === null) recordGood(states, cache, T + ms);
          else recordError(states, cache, T + ms, reason);
        }
        assert.equal(String(writer.write()), String(new CrStatesWriter(states.combined).write()));
      }),
    );
  });

  it('follows caches that come, go and become ONLINE', () => {
    const states = statesOf({ caches: [cacheServer('edge-1'), cacheServer('edge-2')] });
    recordGood(states, 'edge-1', T);
    const writer = new CrStatesWriter(states.combined);
    writer.write();
    const caches = [cacheServer('edge-1', { status: 'ONLINE' }), cacheServer('edge-0')];
    states.apply(
      healthConfigOf(snapshotOf({ caches }), { cachePollingProtocol: 'both', statPolling: false }).health,
      T,
    );
    const { caches: written } = JSON.parse(String(writer.write()));
    assert.deepEqual(Object.keys(written), ['edge-0', 'edge-1']);
    assert.deepEqual(written['edge-1'], {
      isAvailable: true,
      ipv4Available: true,
      ipv6Available: false,
      status: '',
      lastPoll: '0001-01-01T00:00:00Z',
    });
  });
});
