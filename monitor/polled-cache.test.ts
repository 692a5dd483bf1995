import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName } from '../common/ids.ts';
import { ShapeMemory } from './parse/shape-memory.ts';
import type { PollResult } from './poll/cache-poller.ts';
import type { FetchOutcome } from './poll/exchange.ts';
import { polledCache } from './polled-cache.ts';

const url = 'http://192.0.2.1:80/_astats';

const result = (outcome: FetchOutcome, format = 'astats'): PollResult => ({
  target: {
    cache: cacheName('edge-1'),
    fqdn: 'edge-1.cdn.test',
    format,
    timeoutMs: 2000,
    probes: [{ kind: 'http', family: 'ipv6', url }],
  },
  probe: { kind: 'http', family: 'ipv6', url },
  endMs: 1_700_000_000_123,
  durationMs: 4.5,
  heldUpMs: 0,
  outcome,
});

const answer = (body: string, contentType = 'text/json'): FetchOutcome => ({
  kind: 'answer',
  body: Buffer.from(body),
  contentType,
});

describe('what a finished poll tells', () => {
  it('cache, family and times as they were', () => {
    const { outcome: _, ...rest } = polledCache(result(answer('{}')), 'health', new ShapeMemory());
    assert.deepEqual(rest, {
      cache: 'edge-1',
      poller: 'health',
      family: 'ipv6',
      endMs: 1_700_000_000_123,
      durationMs: 4.5,
    });
  });

  it('the sample of an answer in the format of its profile', () => {
    const body = JSON.stringify({
      ats: {},
      system: {
        'inf.name': 'bond0',
        'inf.speed': 10000,
        'proc.net.dev': 'bond0:1000 1 0 0 0 0 0 0 5000 1 0 0 0 0 0 0',
        'proc.loadavg': '0.30 0.12 0.21 8/863 1421',
      },
    });
    const { outcome } = polledCache(result(answer(body)), 'health', new ShapeMemory());
    assert.ok(outcome.kind === 'sample', JSON.stringify(outcome));
    assert.equal(outcome.sample.loadAverages[0], 0.3);
    assert.equal(outcome.sample.interfaces.get('bond0')?.bytesOut, 5000n);
  });

  const errors: readonly [name: string, polled: PollResult, reason: string | RegExp][] = [
    [
      'a poll that failed, with cache and URL',
      result({ kind: 'failure', failure: { class: 'status', text: 'bad HTTP status: 500' } }),
      `id edge-1 url ${url} fetch error: bad HTTP status: 500`,
    ],
    ['a body that cannot be read', result(answer('<html>')), /./],
    ['a format that nobody knows', result(answer('{}'), 'xyz'), "No decoder registered for format 'xyz'"],
  ];
  for (const [name, polled, reason] of errors) {
    it(`the reason of ${name}`, () => {
      const { outcome } = polledCache(polled, 'health', new ShapeMemory());
      assert.ok(outcome.kind === 'error');
      if (typeof reason === 'string') assert.equal(outcome.reason, reason);
      else assert.match(outcome.reason, reason);
    });
  }

  it('the idle sample of a noop cache', () => {
    const noop = { ...result(answer('', ''), 'noop'), probe: { kind: 'noop', family: 'ipv4' } as const };
    assert.equal(polledCache(noop, 'health', new ShapeMemory()).outcome.kind, 'sample');
  });
});
