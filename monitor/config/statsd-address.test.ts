import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMonitorSettings } from './monitor-settings.ts';

const read = (address: string) =>
  parseMonitorSettings(JSON.stringify({ statsd_address: address }), 'traffic_monitor.cfg').statsdAddress;

describe('statsd_address', () => {
  const good: readonly [text: string, host: string, port: number][] = [
    ['127.0.0.1:8125', '127.0.0.1', 8125],
    ['statsd.example.net:9125', 'statsd.example.net', 9125],
    ['[2001:db8::1]:8125', '2001:db8::1', 8125],
  ];
  for (const [text, host, port] of good) {
    it(`"${text}" is read`, () => assert.deepEqual(read(text), { host, port }));
  }

  it('empty is off', () => assert.equal(read(''), null));

  for (const text of [':8125', 'localhost', 'localhost:0', 'localhost:70000', '2001:db8::1:8125', 'a b:1']) {
    it(`"${text}" is refused`, () =>
      assert.throws(() => read(text), /"statsd_address" .*must be empty \(off\), "host:port"/));
  }
});
