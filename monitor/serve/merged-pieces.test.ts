import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CacheName, cacheName, monitorName } from '../../common/ids.ts';
import { type AskedMonitor, mergedPieces } from './merged-pieces.ts';

const FRAME = { head: '{"pp":"","caches":{', tail: '}' };

interface Teller {
  readonly monitor: string;
  /** Caches that are wanted of it. */
  readonly caches: readonly string[];
  readonly lines: readonly string[];
  /** What happens behind the last line. */
  readonly failure?: string;
}

const member = (name: string, value: string): string =>
  `{${JSON.stringify(name)}:{"kbps":[{"value":"${value}"}]}}`;

/** The document of these, the own caches being `own`. */
async function merged(own: readonly string[], tellers: readonly Teller[]) {
  const failures: string[] = [];
  const signals: AbortSignal[] = [];
  const others = tellers.map(
    ({ monitor, caches, lines, failure }): AskedMonitor => ({
      monitor: monitorName(monitor),
      caches: new Set(caches.map(cacheName)),
      async *lines(signal) {
        signals.push(signal);
        yield* lines;
        if (failure !== undefined) throw new Error(failure);
      },
      onFailure: (reason) => failures.push(`${monitor}: ${reason}`),
    }),
  );
  let excepted: ReadonlySet<CacheName> = new Set();
  let text = '';
  const pieces = mergedPieces(FRAME, others, (names) => {
    excepted = names;
    return [own.map((name) => member(name, 'own').slice(1, -1)).join(',')];
  });
  for await (const piece of pieces) text += piece;
  return { body: JSON.parse(text), failures, signals, excepted };
}

const valuesOf = (body: { caches: Record<string, { kbps: [{ value: string }] }> }) =>
  Object.fromEntries(Object.entries(body.caches).map(([name, { kbps }]) => [name, kbps[0].value]));

describe('a document of several monitors', () => {
  it('has the caches of all, each from the one that was asked for it', async () => {
    const { body, failures, excepted, signals } = await merged(
      ['edge-1'],
      [
        {
          monitor: 'tm-1',
          caches: ['edge-2', 'edge-3'],
          lines: [member('edge-2', '1'), member('edge-3', '1')],
        },
        { monitor: 'tm-2', caches: ['edge-4'], lines: [member('edge-3', '2'), member('edge-4', '2')] },
      ],
    );
    assert.deepEqual(valuesOf(body), { 'edge-1': 'own', 'edge-2': '1', 'edge-3': '1', 'edge-4': '2' });
    assert.deepEqual(Object.keys(body), ['pp', 'caches']);
    assert.deepEqual([failures, [...excepted]], [[], ['edge-2', 'edge-3', 'edge-4']]);
    assert.ok(signals.every(({ aborted }) => aborted));
  });

  it('is whole JSON if nobody tells anything', async () => {
    const { body } = await merged([], [{ monitor: 'tm-1', caches: ['edge-1'], lines: [] }]);
    assert.deepEqual(body, { pp: '', caches: {} });
  });

  it('takes a cache once, even if it is told twice', async () => {
    const lines = [member('edge-1', '1'), member('edge-1', '2')];
    const { body } = await merged([], [{ monitor: 'tm-1', caches: ['edge-1'], lines }]);
    assert.deepEqual(valuesOf(body), { 'edge-1': '1' });
  });

  it('reads names as they are written', async () => {
    const names = ['with "quotes"', 'back\\slash', 'newline\n', 'ü', '__proto__'];
    const lines = names.map((name) => member(name, '1'));
    const { body } = await merged([], [{ monitor: 'tm-1', caches: names, lines }]);
    assert.deepEqual(Object.keys(body.caches), names);
  });

  it('has what the others tell if one fails, and says which and why', async () => {
    const { body, failures } = await merged(
      ['edge-1'],
      [
        {
          monitor: 'tm-1',
          caches: ['edge-2', 'edge-3'],
          lines: [member('edge-2', '1')],
          failure: 'no answer',
        },
        { monitor: 'tm-2', caches: ['edge-4'], lines: ['<html>'] },
        { monitor: 'tm-3', caches: ['edge-5'], lines: [member('edge-5', '3')] },
      ],
    );
    assert.deepEqual(valuesOf(body), { 'edge-1': 'own', 'edge-2': '1', 'edge-5': '3' });
    assert.deepEqual(body.incomplete, {
      'tm-1': 'no answer',
      'tm-2': 'a line is not about a cache: <html>',
    });
    assert.equal(failures.length, 2);
  });

  it('asks no further when nobody reads it any more', async () => {
    const signals: AbortSignal[] = [];
    const other: AskedMonitor = {
      monitor: monitorName('tm-1'),
      caches: new Set([cacheName('edge-1')]),
      async *lines(signal) {
        signals.push(signal);
        for (;;) yield member('edge-1', 'x'.repeat(1 << 17));
      },
      onFailure: () => {},
    };
    for await (const _ of mergedPieces(FRAME, [other], () => [])) break;
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    );
  });
});
