import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capacityKbpsOf, clientConnections, resultTimeMs } from './cache-state.ts';
import { sampleOf } from './testing/builders.ts';

describe('client connections', () => {
  const table: readonly [json: string, connections: number][] = [
    ['17', 17],
    ['"17"', 17],
    ['0', 0],
    ['""', 0],
    ['" 17"', 0],
    ['"0x11"', 0],
    ['"many"', 0],
    ['true', 0],
    ['null', 0],
    ['[17]', 0],
    ['1e999', 0],
    ['{"toString":1,"valueOf":1}', 0],
  ];
  for (const [json, connections] of table) {
    it(`are ${connections} by ${json}`, () => {
      const stats = { 'proxy.process.http.current_client_connections': JSON.parse(json) };
      assert.equal(clientConnections(sampleOf({ stats })), connections);
    });
  }

  it('are not known if the answer does not say', () => assert.equal(clientConnections(sampleOf()), null));
});

describe('the time of a result', () => {
  const endMs = 1_700_000_000_000;
  const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  const table: readonly [claimed: number | null, timeMs: number][] = [
    [null, endMs],
    [5, 5],
    [0, 0],
    [lastMs, lastMs],
    [lastMs + 1, endMs],
    [-1, endMs],
    [Number.NaN, endMs],
  ];
  for (const [claimed, timeMs] of table) {
    it(`is ${timeMs} if the cache claims ${claimed}`, () => {
      assert.equal(resultTimeMs(sampleOf({ timestampMs: claimed }), endMs), timeMs);
    });
  }
});

describe('the capacity of a cache', () => {
  it('is that of its fastest interface, never below 0', () => {
    assert.equal(capacityKbpsOf(sampleOf({ sent: { eth0: 0n, eth1: 0n }, speedMbps: 40_000 })), 40_000_000);
    assert.equal(capacityKbpsOf(sampleOf({ sent: { eth0: 0n }, speedMbps: -1 })), 0);
    assert.equal(capacityKbpsOf(sampleOf()), 0);
  });
});
