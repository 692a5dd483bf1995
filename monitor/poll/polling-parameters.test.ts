import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { monitoringConfig } from '../testing/configs.ts';
import { pollingParameters } from './polling-parameters.ts';

type Parameters = Readonly<Record<string, number | string | boolean>>;
const read = (parameters: Parameters) => pollingParameters(monitoringConfig({ parameters }));

describe('the interval of health polls', () => {
  const rows: readonly [parameters: Parameters, intervalMs: number][] = [
    [{ 'heartbeat.polling.interval': 3000, 'health.polling.interval': 8000 }, 2910],
    [{ 'health.polling.interval': 8000 }, 7760],
    [{ 'heartbeat.polling.interval': '3000', 'health.polling.interval': 8000 }, 7760],
    [{ 'heartbeat.polling.interval': 0, 'health.polling.interval': 8000 }, 7760],
    [{ 'heartbeat.polling.interval': -5, 'health.polling.interval': 1000 }, 970],
    [{ 'heartbeat.polling.interval': 1000.9 }, 970],
    [{ 'heartbeat.polling.interval': true }, 5820],
    [{}, 5820],
  ];
  for (const [parameters, intervalMs] of rows) {
    it(`${JSON.stringify(parameters)}: ${intervalMs} ms, 97 % of what Traffic Ops says`, () => {
      assert.equal(read(parameters).healthIntervalMs, intervalMs);
    });
  }
});

describe('the interval of stat polls', () => {
  const rows: readonly [parameters: Parameters, intervalMs: number][] = [
    [{ 'heartbeat.polling.interval': 3000, 'health.polling.interval': 8000 }, 7760],
    [{ 'health.polling.interval': 1e12 }, 3_492_000],
    [{ 'health.polling.interval': 1 }, 9.7],
    [{}, 5820],
  ];
  for (const [parameters, intervalMs] of rows) {
    it(`${JSON.stringify(parameters)}: ${intervalMs} ms`, () => {
      assert.equal(read(parameters).statIntervalMs, intervalMs);
    });
  }

  it('has a keep-alive switch of its own', () => {
    const { healthKeepAlive, statKeepAlive } = read({ 'stat.polling.keepalive': 'false' });
    assert.deepEqual({ healthKeepAlive, statKeepAlive }, { healthKeepAlive: true, statKeepAlive: false });
  });
});

describe('keeping connections', () => {
  const rows: readonly [value: number | string | boolean, kept: boolean][] = [
    ['true', true],
    ['True', true],
    ['t', true],
    ['tomorrow', true],
    ['false', false],
    ['F', false],
    ['0', false],
    ['1', false],
    ['', false],
    [false, true],
    [true, true],
    [0, true],
    [1, true],
  ];
  for (const [value, kept] of rows) {
    it(`health.polling.keepalive ${JSON.stringify(value)}: ${kept ? 'kept' : 'not kept'}`, () => {
      assert.equal(read({ 'health.polling.keepalive': value }).healthKeepAlive, kept);
    });
  }

  it('is the default', () => assert.equal(read({}).healthKeepAlive, true));
});
