import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ServiceAddresses, serviceAddressesOf } from './service-addresses.ts';

/** An interface with these service addresses; those in brackets are addresses of another kind. */
const withAddresses = (name: string, ...texts: string[]) => ({
  name,
  monitor: true,
  maxBandwidth: null,
  mtu: null,
  addresses: texts.map((text) => ({
    address: text.replace(/^\((.*)\)$/, '$1'),
    gateway: null,
    serviceAddress: !text.startsWith('('),
  })),
});

const addressesOf = (...texts: string[]): ServiceAddresses =>
  serviceAddressesOf({ interfaces: [withAddresses('eth0', ...texts)] });

describe('the service addresses of a cache', () => {
  const table: readonly [addresses: string[], ipv4: string | null, ipv6: string | null][] = [
    [['192.0.2.1'], '192.0.2.1', null],
    [['192.0.2.1/24', '2001:db8::1/64'], '192.0.2.1', '2001:db8::1'],
    [['2001:DB8::1/64'], null, '2001:DB8::1'],
    [['192.0.2.1', '192.0.2.2'], '192.0.2.2', null],
    [['192.0.2.1', '192.0.2.2', '2001:db8::1', '192.0.2.3'], '192.0.2.2', '2001:db8::1'],
    [['2001:db8::1', '2001:db8::2', '192.0.2.1', '2001:db8::3'], '192.0.2.1', '2001:db8::2'],
    [['(192.0.2.9)', '192.0.2.1', '(2001:db8::9)'], '192.0.2.1', null],
    [['(rubbish)', '192.0.2.1'], '192.0.2.1', null],
    [['192.0.2.1', '2001:db8::1', 'rubbish'], '192.0.2.1', '2001:db8::1'],
  ];
  for (const [addresses, ipv4, ipv6] of table) {
    it(`${addresses.join(', ')}: ${ipv4} and ${ipv6}`, () => {
      assert.deepEqual(addressesOf(...addresses), { interfaceName: 'eth0', ipv4, ipv6, problem: null });
    });
  }

  it('are those of the first interface that has any', () => {
    const interfaces = [
      withAddresses('lo'),
      withAddresses('eth0', '(192.0.2.1)'),
      withAddresses('bond0', '192.0.2.2'),
      withAddresses('bond1', '2001:db8::1'),
    ];
    assert.deepEqual(serviceAddressesOf({ interfaces }), {
      interfaceName: 'bond0',
      ipv4: '192.0.2.2',
      ipv6: null,
      problem: null,
    });
  });

  it('are none without a service address', () => {
    for (const interfaces of [[], [withAddresses('eth0', '(192.0.2.1)')]]) {
      assert.deepEqual(serviceAddressesOf({ interfaces }), {
        interfaceName: '',
        ipv4: null,
        ipv6: null,
        problem: 'no interface has a service address',
      });
    }
  });

  for (const bad of [
    '',
    '/24',
    'edge-1',
    ' 192.0.2.1',
    '192.0.2.256',
    '192.0.2.01',
    '1.2.3',
    'fe80::1%eth0',
  ]) {
    it(`are none at all if one is '${bad}'`, () => {
      assert.deepEqual(addressesOf('192.0.2.1', bad), {
        interfaceName: 'eth0',
        ipv4: null,
        ipv6: null,
        problem: `service address "${bad}" of interface eth0 is no IP address`,
      });
    });
  }
});

describe('an address', () => {
  const familyOf = (text: string): number => {
    const { ipv4, ipv6 } = addressesOf(text);
    return ipv4 !== null ? 4 : ipv6 !== null ? 6 : 0;
  };

  const odd = [
    '::',
    '::1',
    '1::',
    ':',
    ':::',
    '1:::2',
    '1::2::3',
    ':1::2',
    '1::2:',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '::ffff:192.0.2.1',
    '1:2:3:4:5:6:192.0.2.1',
    '1:2:3:4:5:6:7:192.0.2.1',
    '::192.0.2.1:5',
    '192.0.2.1::',
    '1:192.0.2.1::',
    '::192.0.2.256',
    '192.0.2.1:80',
    '[::1]',
    '1.2.3.4.5',
    '1..2.3',
  ];
  for (const text of odd) {
    it(`'${text}' is of the family that Node.js takes it for`, () => {
      assert.equal(familyOf(text), isIP(text));
    });
  }

  it('is of the family that Node.js takes it for, whatever it looks like', () => {
    const piece = fc.constantFrom('0', '1', 'ff', 'DB8', '255', '12345', '192.0.2.1', ':', '::', '.', 'x');
    const pieces = fc.array(piece, { maxLength: 16 }).map((parts) => parts.join(''));
    const groups = fc
      .array(fc.constantFrom('0', 'a1', 'ffff', '', '192.0.2.1'), { minLength: 2, maxLength: 9 })
      .map((parts) => parts.join(':'));
    const any = fc.oneof(fc.ipV4(), fc.ipV6(), groups, pieces);
    fc.assert(
      fc.property(any, (text) => {
        assert.equal(familyOf(text), isIP(text));
      }),
      { numRuns: 2000 },
    );
  });
});
