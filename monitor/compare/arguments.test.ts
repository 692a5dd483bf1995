import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCompareArguments } from './arguments.ts';

const both = ['--ours', 'http://tm-1.example.net', '--theirs', 'https://tm-2.example.net:8443/'];

describe('the arguments of the comparison', () => {
  it('need no more than two monitors', () => {
    assert.deepEqual(parseCompareArguments(both), {
      ours: 'http://tm-1.example.net/publish/CrStates',
      theirs: 'https://tm-2.example.net:8443/publish/CrStates',
      intervalMs: 1000,
      toleranceMs: 5000,
      seconds: null,
      metricsPort: null,
      insecure: false,
    });
  });

  it('may name the document', () => {
    const { ours } = parseCompareArguments(['--ours', 'http://tm/publish/CrStates?raw', ...both.slice(2)]);
    assert.equal(ours, 'http://tm/publish/CrStates?raw');
  });

  it('may change everything', () => {
    const more = [
      '--interval',
      '500',
      '--tolerance',
      '0',
      '--seconds',
      '60',
      '--metrics-port',
      '9100',
      '--insecure',
    ];
    const { intervalMs, toleranceMs, seconds, metricsPort, insecure } = parseCompareArguments([
      ...both,
      ...more,
    ]);
    assert.deepEqual([intervalMs, toleranceMs, seconds, metricsPort, insecure], [500, 0, 60, 9100, true]);
  });

  const wrong: readonly [args: readonly string[], reason: RegExp][] = [
    [[], /--ours is required/],
    [both.slice(0, 2), /--theirs is required/],
    [['--ours', 'tm-1', ...both.slice(2)], /--ours is "tm-1": must be an http or https URL/],
    [['--ours', 'ftp://tm-1', ...both.slice(2)], /must be an http or https URL/],
    [[...both, '--interval', '0'], /--interval is "0": must be a whole number from 50/],
    [[...both, '--seconds', '1.5'], /--seconds is "1.5"/],
    [[...both, '--metrics-port', '70000'], /--metrics-port/],
    [[...both, '--what'], /--what/],
    [[...both, 'more'], /more/],
  ];
  for (const [args, reason] of wrong) {
    it(`${args.slice(4).join(' ') || args.join(' ')} is refused`, () =>
      assert.throws(() => parseCompareArguments(args), reason));
  }
});
