import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheName, deliveryServiceId } from '../../common/ids.ts';
import { readPeerAnswer } from './peer-answer.ts';

const edge1 = cacheName('edge-1');
const ofCache = (entry: string) => readPeerAnswer(`{"caches":{"edge-1":${entry}}}`).caches.get(edge1);

describe('the CrStates of a peer', () => {
  it('says what it saw of caches and delivery services', () => {
    const { caches, deliveryServices } = readPeerAnswer(
      '{"caches":{"edge-1":{"isAvailable":true,"ipv4Available":true,"ipv6Available":false,"status":"REPORTED - available","lastPoll":"2024-03-01T10:00:00.123456789Z"}},' +
        '"deliveryServices":{"one":{"disabledLocations":[],"isAvailable":true},"two":{"isAvailable":false}}}',
    );
    assert.deepEqual(caches.get(edge1), {
      isAvailable: true,
      ipv4Available: true,
      ipv6Available: false,
      status: 'REPORTED - available',
      lastPollMs: Date.UTC(2024, 2, 1, 10, 0, 0, 123),
    });
    assert.deepEqual(
      [...deliveryServices],
      [
        [deliveryServiceId('one'), true],
        [deliveryServiceId('two'), false],
      ],
    );
  });

  it('may lack anything, spell keys in any case, and be followed by anything', () => {
    const nothing = {
      isAvailable: false,
      ipv4Available: false,
      ipv6Available: false,
      status: '',
      lastPollMs: null,
    };
    assert.deepEqual(ofCache('{}'), nothing);
    assert.deepEqual(ofCache('{"isAvailable":null,"lastPoll":"0001-01-01T00:00:00Z"}'), nothing);
    assert.equal(ofCache('{"ISAVAILABLE":true}')?.isAvailable, true);
    assert.equal(readPeerAnswer('{}').caches.size, 0);
    assert.equal(readPeerAnswer('{"Caches":{"a":{}},"deliveryServices":null} and more').caches.size, 1);
  });

  it('may name a cache like something of the language', () => {
    const { caches } = readPeerAnswer('{"caches":{"__proto__":{"isAvailable":true},"constructor":{}}}');
    assert.deepEqual([...caches.keys()], ['__proto__', 'constructor']);
  });

  it('may tell the time of any zone', () => {
    assert.equal(ofCache('{"lastPoll":"2024-03-01T10:00:00+02:00"}')?.lastPollMs, Date.UTC(2024, 2, 1, 8));
  });

  const refused: readonly [what: string, text: string, message: RegExp][] = [
    ['an empty body', '', /^EOF$/],
    ['no JSON', '<html>', /^invalid JSON/],
    ['no object', '[]', /expected an object, got array/],
    ['caches that are no object', '{"caches":7}', /field 'caches' must be an object, got number/],
    [
      'a cache that is no object',
      '{"caches":{"edge-1":true}}',
      /^caches\["edge-1"\]: expected an object, got boolean$/,
    ],
    [
      'a flag that is no boolean',
      '{"caches":{"edge-1":{"isAvailable":"true"}}}',
      /edge-1.*isAvailable.*boolean, got string/,
    ],
    [
      'a time that is none',
      '{"caches":{"edge-1":{"lastPoll":"yesterday"}}}',
      /edge-1.*no RFC 3339 time: 'yesterday'/,
    ],
    ['a day that is none', '{"caches":{"edge-1":{"lastPoll":"2024-13-01T10:00:00Z"}}}', /no RFC 3339 time/],
    [
      'a delivery service that is no object',
      '{"deliveryServices":{"x":[]}}',
      /^deliveryServices\["x"\]: expected an object, got array$/,
    ],
  ];
  for (const [what, text, message] of refused) {
    it(`is refused: ${what}`, () => assert.throws(() => readPeerAnswer(text), { message }));
  }
});
