import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as format from './page/format.js';

function table<A extends unknown[]>(
  name: string,
  convert: (...args: A) => string,
  rows: readonly (readonly [A, string])[],
): void {
  describe(name, () => {
    for (const [args, text] of rows) {
      it(`${JSON.stringify(args)} is ${text}`, () => assert.equal(convert(...args), text));
    }
  });
}

table('a bit rate', format.bitRate, [
  [[null], '–'],
  [[0], '0 kbps'],
  [[999], '999 kbps'],
  [[1000], '1.00 Mbps'],
  [[9994], '9.99 Mbps'],
  [[9996], '10.0 Mbps'],
  [[800_000], '800 Mbps'],
  [[999_499], '999 Mbps'],
  [[999_600], '1.00 Gbps'],
  [[19_600_000], '19.6 Gbps'],
  [[1_320_000_000], '1.32 Tbps'],
]);

table('a duration', format.duration, [
  [[-5], '0 ms'],
  [[7.4], '7 ms'],
  [[1000], '1 s'],
  [[61_000], '1 min 1 s'],
  [[3_600_000 * 5 + 60_000], '5 h 1 min'],
  [[86_400_000 * 3], '3 d 0 h'],
]);

table('a share', format.percent, [
  [[null], '–'],
  [[0], '0 %'],
  [[0.034], '3.4 %'],
  [[0.98], '98 %'],
]);

table('how long ago', format.ago, [
  [[null, 0], 'never'],
  [[1000, 1500], 'now'],
  [[1000, 900], 'now'],
  [[1000, 6000], '5 s ago'],
]);

table('a reason without its status', format.shortReason, [
  [['REPORTED - loadavg too high (30.50 > 25.00)'], 'loadavg too high (30.50 > 25.00)'],
  [['ADMIN_DOWN - available'], 'available'],
  [
    [
      'REPORTED - id edge-1 url http://192.0.2.1/_astats fetch error: Get "http://192.0.2.1/_astats": dial tcp 192.0.2.1:80: connect: connection refused; bond0: not found in polled data',
    ],
    'connection refused',
  ],
  [['bond0: not found - really'], 'bond0: not found - really'],
  [[''], ''],
]);

table('what an event says', format.eventReason, [
  [
    ['Protocol (IPv4) REPORTED - loadavg too high (30.50 > 25.00) (health) '],
    'loadavg too high (30.50 > 25.00)',
  ],
  [['Protocol (IPv6) REPORTED - available (stat) '], 'available'],
  [['Available caches'], 'Available caches'],
]);

it('a share of no capacity is not known', () => {
  assert.deepEqual(
    [format.shareOf(5, 0), format.shareOf(null, 9), format.shareOf(5, 10), format.shareOf(20, 10)],
    [null, null, 0.5, 1],
  );
});
