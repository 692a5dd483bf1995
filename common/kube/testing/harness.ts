import type { TestContext } from 'node:test';
import type { Log } from '../../log.ts';
import { KubeApi } from '../api.ts';
import type { Access, Credentials } from '../credentials.ts';
import type { ConfigMap } from '../objects.ts';
import { CONFIG_MAPS, collectionPath } from '../resource.ts';
import { KubeTransport } from '../transport.ts';
import { FakeApiServer } from './fake-api-server.ts';

export const NAMESPACE = 'cdn';
export const MAPS_PATH = collectionPath(CONFIG_MAPS, NAMESPACE);

/** A ConfigMap with one key, `value`. */
export const configMap = (name: string, value: string): ConfigMap & { metadata: { name: string } } => ({
  metadata: { name, namespace: NAMESPACE },
  data: { value },
});

export interface FakeApi {
  readonly server: FakeApiServer;
  readonly transport: KubeTransport;
  readonly api: KubeApi;
}

/** An open fake API server and a client for it; both are gone after the test. */
export async function fakeApi(t: TestContext): Promise<FakeApi> {
  const server = new FakeApiServer();
  await server.open();
  const transport = new KubeTransport({ credentials: plainCredentials(server.url), userAgent: 'test/1' });
  t.after(async () => {
    await transport.close();
    await server.close();
  });
  return { server, transport, api: new KubeApi({ transport, limit: null, deadlineMs: 3000 }) };
}

export function plainCredentials(server: string): Credentials {
  const access: Access = { headers: { authorization: 'Bearer test' }, tls: {} };
  return { server, access: async () => access, forget: () => {} };
}

/** A log that keeps its lines. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return {
    lines,
    error: write('error'),
    warning: write('warning'),
    info: write('info'),
    debug: write('debug'),
  };
}
