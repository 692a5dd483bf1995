import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOBODY, shareOut } from './share-out.ts';

/** `costs` by taker: a number an item, `-` where the taker may not have it. `had`: the number of the taker, or `-`. */
function shared(costs: readonly string[], had: string, loads = costs.map(() => 0)): string {
  const numbers = (text: string, none: number) => [...text].map((one) => (one === '-' ? none : Number(one)));
  const owners = shareOut({
    costs: costs.map((row) => Float64Array.from(numbers(row, Infinity))),
    loads,
    previous: Int32Array.from(numbers(had, NOBODY)),
  });
  return [...owners].map((taker) => (taker === NOBODY ? '-' : String(taker))).join('');
}

describe('items are shared out', () => {
  const cases: readonly (readonly [
    what: string,
    costs: readonly string[],
    had: string,
    expected: string,
    loads?: number[],
  ])[] = [
    ['in turn, each taker the cheapest that is left', ['1234', '1234'], '----', '0101'],
    [
      'of items that cost the same, the first first, also after others were taken',
      ['22122', '22222'],
      '-----',
      '10010',
    ],
    ['to those that carry least first', ['111', '111'], '---', '111', [3, 0]],
    ['to whoever had them', ['9999', '1111'], '0-1-', '0011'],
    ['but not to whoever may not have them any more', ['-1', '11'], '00', '10'],
    ['evenly: who has two more gives one, the cheapest for the other', ['1111', '3212'], '0000', '0110'],
    ['to nobody, where nobody may', ['-1', '-1'], '--', '-0'],
    [
      'until nothing can be evened any more, also by takers that found nothing at first',
      ['1------', '1111111', '-111111'],
      '1222222',
      '0111222',
    ],
  ];
  for (const [what, costs, had, expected, loads] of cases) {
    it(what, () => assert.equal(shared(costs, had, loads), expected));
  }
});
