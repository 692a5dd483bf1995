import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HealthProtocol } from '../config/settings.ts';
import type { Verdict } from '../health/verdict.ts';
import { combine } from './combine.ts';
import { opinion } from './testing/answers.ts';

const verdict = (flags: string): Verdict => {
  const { isAvailable, ipv4Available, ipv6Available } = opinion(flags);
  return { isAvailable, ipv4Available, ipv6Available, status: 'as seen here' };
};

const flagsOf = (verdict: Verdict | null): string => {
  if (verdict === null) return 'unknown';
  const { isAvailable, ipv4Available, ipv6Available } = verdict;
  return `${isAvailable ? 'up' : 'down'}${ipv4Available ? ' 4' : ''}${ipv6Available ? ' 6' : ''}`;
};

type Row = readonly [local: string, peers: readonly string[], combined: string, why: string];

const optimistic: readonly Row[] = [
  ['up 4', [], 'up 4', 'nobody else'],
  ['down', [], 'down', 'nobody else'],
  ['unknown', [], 'unknown', 'nobody else'],
  ['up 4', ['down', 'down'], 'up 4', 'up here is enough'],
  ['down', ['up 4'], 'up 4', 'a peer sees it'],
  ['down', ['down', 'up 6', 'down'], 'up 6', 'one of three sees it'],
  ['unknown', ['up 4'], 'up 4', 'not polled here yet'],
  ['down', ['down', 'down'], 'down', 'all agree'],
  ['up 4', ['up 4 6'], 'up 4 6', 'the family that is cut off here'],
  ['down', ['up 4', 'up 6'], 'up 4 6', 'each family from somebody'],
  ['down', ['up'], 'up', 'a peer that names no family (D50)'],
  ['down', ['down 4'], 'down', 'a family alone does not make it available'],
];

const pessimistic: readonly Row[] = [
  ['up 4', [], 'up 4', 'nobody else'],
  ['unknown', [], 'unknown', 'nobody else'],
  ['up 4', ['up 4', 'up 4'], 'up 4', 'all agree'],
  ['up 4', ['up 4', 'down'], 'down', 'one of three does not see it'],
  ['down', ['up 4', 'up 4'], 'down', 'down here is enough'],
  ['unknown', ['up 4'], 'unknown', 'not polled here yet'],
  ['up 4 6', ['up 4'], 'up 4', 'a family that a peer is cut off from'],
];

function check(protocol: HealthProtocol, rows: readonly Row[]): void {
  for (const [local, peers, combined, why] of rows) {
    it(`${local}, peers [${peers.join(', ')}]: ${combined} (${why})`, () => {
      const known = local === 'unknown' ? null : verdict(local);
      const made = combine(known, peers.map(opinion), protocol);
      assert.equal(flagsOf(made), combined);
      if (local === combined) assert.equal(made, known, 'the same object, so that nothing is written anew');
      else assert.equal(made?.status, known?.status ?? '', 'the local text (D50)');
    });
  }
}

describe('combined optimistically', () => check('optimistic', optimistic));
describe('combined pessimistically', () => check('pessimistic', pessimistic));
