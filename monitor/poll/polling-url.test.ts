import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CacheServer } from '../../common/traffic-ops/monitoring.ts';
import { type Family, serviceAddressesOf } from '../../common/traffic-ops/service-addresses.ts';
import { cacheServer, networkInterface } from '../testing/configs.ts';
import { healthUrl, statUrl } from './polling-url.ts';

function urlOf(template: string, changes: Partial<CacheServer> = {}, family: Family = 'ipv4'): string | null {
  const server = cacheServer('edge-1', changes);
  return healthUrl(template, server, serviceAddressesOf(server), family);
}

const bothFamilies = { interfaces: [networkInterface(['192.0.2.1/24', '2001:DB8::1/64'])] };

describe('the URL of health polls', () => {
  const rows: readonly [template: string, url: string, changes?: Partial<CacheServer>][] = [
    [
      'http://${hostname}/_astats?application=&inf.name=${interface_name}',
      'http://192.0.2.1:80/_astats?application=system&inf.name=bond0',
    ],
    [
      'http://${hostname}/_astats?application=plugin.remap;proxy',
      'http://192.0.2.1:80/_astats?application=system;proxy',
    ],
    // D22: the Go monitor asks for `systemsystem`.
    ['http://${hostname}/_astats?application=system', 'http://192.0.2.1:80/_astats?application=system'],
    ['http://${hostname}:81/_stats', 'http://192.0.2.1:81/_stats'],
    ['https://${hostname}/_stats', 'https://192.0.2.1/_stats'],
    ['https://${hostname}/_stats', 'https://192.0.2.1:8443/_stats', { httpsPort: 8443 }],
    ['HTTPS://${hostname}/_stats', 'HTTPS://192.0.2.1:8443/_stats', { httpsPort: 8443 }],
    ['https://${hostname}:444/_stats', 'https://192.0.2.1:444/_stats', { httpsPort: 8443 }],
    ['http://${hostname}/_stats', 'http://192.0.2.1/_stats', { port: 0 }],
    ['http://${hostname}', 'http://192.0.2.1:80'],
    ['http://${hostname}?a', 'http://192.0.2.1:80?a'],
    ['http://${hostname}/${hostname}/${interface_name}', 'http://192.0.2.1:80/192.0.2.1/bond0'],
    ['http://other.cdn.test/_stats', 'http://other.cdn.test:80/_stats'],
    // No URL at all: as it is, for whoever tells that it is none.
    ['${hostname}/_stats', '192.0.2.1/_stats'],
    ['ftp://${hostname}/', 'ftp://192.0.2.1/'],
  ];
  for (const [template, url, changes = {}] of rows) {
    it(`${template} ${JSON.stringify(changes)} becomes ${url}`, () => {
      assert.equal(urlOf(template, changes), url);
    });
  }

  it('has the IPv6 address in brackets, without its mask, as Traffic Ops spells it', () => {
    assert.equal(urlOf('http://${hostname}/_stats', bothFamilies, 'ipv6'), 'http://[2001:DB8::1]:80/_stats');
    assert.equal(urlOf('http://${hostname}/_stats', bothFamilies), 'http://192.0.2.1:80/_stats');
  });

  it('keeps a port that an IPv6 URL has', () => {
    assert.equal(urlOf('http://${hostname}:81/', bothFamilies, 'ipv6'), 'http://[2001:DB8::1]:81/');
  });

  it('is none in a family without an address', () => {
    assert.equal(urlOf('http://${hostname}/', {}, 'ipv6'), null);
  });
});

describe('the URL of stat polls', () => {
  const rows: readonly [health: string, stat: string][] = [
    [
      'http://192.0.2.1:80/_astats?application=system&inf.name=bond0',
      'http://192.0.2.1:80/_astats?application=&inf.name=bond0',
    ],
    [
      'http://192.0.2.1:80/_astats?application=system;proxy',
      'http://192.0.2.1:80/_astats?application=;proxy',
    ],
    ['http://192.0.2.1:81/_stats', 'http://192.0.2.1:81/_stats'],
  ];
  for (const [health, stat] of rows)
    it(`${health} becomes ${stat}`, () => assert.equal(statUrl(health), stat));
});
