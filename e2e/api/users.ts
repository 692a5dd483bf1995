import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { dump } from 'js-yaml';

/** Who may speak to the API server, each with a token of its own. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly token: string;
}

/** How to reach an API server as one user. */
export interface Access {
  /** https://HOST:PORT */
  readonly server: string;
  /** The certificates to trust, PEM. */
  readonly authority: string;
  readonly token: string;
}

/** A user with a token that nobody else knows. */
export function newUser(name: string, ...groups: readonly string[]): User {
  return { name, groups, token: randomBytes(16).toString('hex') };
}

/** The keys that tokens of service accounts are signed with: `service-accounts.key` and `.pub`. */
export function writeServiceAccountKeys(folder: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  fs.writeFileSync(path.join(folder, 'service-accounts.key'), privateKey, { mode: 0o600 });
  fs.writeFileSync(path.join(folder, 'service-accounts.pub'), publicKey);
}

/** The file of `--token-auth-file`: it saves the test a whole set of certificates. */
export function writeTokenFile(file: string, users: readonly User[]): void {
  const lines = users.map(({ token, name, groups }) => `${token},${name},uid-${name},"${groups.join(',')}"`);
  fs.writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** A kubeconfig as every client reads it. */
export function kubeconfig({ server, authority, token }: Access, namespace: string): string {
  const name = 'e2e';
  const cluster = { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  });
}
