import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Certificates {
  readonly ca: Buffer;
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A CA and a certificate of it for this name, in a folder that goes with the test; null, and skipped loudly, without openssl. */
export function makeCertificates(t: TestContext, name: string): Certificates | null {
  if (!hasOpenssl()) {
    t.skip('openssl is missing: apt-get install openssl');
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (base: string): string => join(folder, base);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=Test CA'];
  openssl('req', '-x509', ...newKey, ...authority);
  openssl('req', ...newKey, '-keyout', file('key.pem'), '-out', file('csr.pem'), '-subj', `/CN=${name}`);
  writeFileSync(file('names'), `subjectAltName=DNS:${name}\n`);
  const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
  openssl(
    'x509',
    '-req',
    '-in',
    file('csr.pem'),
    ...issuer,
    '-extfile',
    file('names'),
    '-out',
    file('cert.pem'),
  );
  return {
    ca: readFileSync(file('ca.pem')),
    certFile: file('cert.pem'),
    keyFile: file('key.pem'),
    cert: readFileSync(file('cert.pem')),
    key: readFileSync(file('key.pem')),
  };
}

function hasOpenssl(): boolean {
  try {
    openssl('version');
    return true;
  } catch {
    return false;
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
