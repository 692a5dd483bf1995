import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, test } from 'node:test';
import { hostAddress } from './host-address.ts';

describe('the address at which pods reach this machine', () => {
  const outer = Object.values(os.networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  const skip = outer === undefined ? 'this machine has loopback only' : false;

  test('is the one that leads to the API server', { skip }, async () => {
    assert.equal(await hostAddress(`https://${outer}:6443`, null), outer);
  });

  test('is the one that was wanted, whatever leads to the API server', { skip }, async () => {
    assert.equal(await hostAddress('https://127.0.0.1:6443', outer ?? ''), outer);
  });

  const refused: readonly [why: string, server: string, wanted: string | null, message: RegExp][] = [
    ['an API server on loopback', 'https://127.0.0.1:6443', null, /from 127\.0\.0\.1.*E2E_HOST_ADDRESS/],
    ['loopback', 'https://192.0.2.1', '127.0.0.1', /127\.0\.0\.1.*no pod can reach/],
    ["another machine's address", 'https://192.0.2.1', '192.0.2.7', /192\.0\.2\.7 is no address of this/],
  ];
  for (const [why, server, wanted, message] of refused)
    test(`is not ${why}`, () => assert.rejects(hostAddress(server, wanted), message));
});
