import type { ConfigMap, KubeObject } from '../../common/kube/objects.ts';
import { CONFIG_MAPS, type ResourceKind } from '../../common/kube/resource.ts';
import type { Connection } from '../../common/traffic-ops/session.ts';
import type { TrafficOpsAccess } from '../resources/group-plan.ts';
import { TerminalError } from './controller.ts';
import type { OperatorContext } from './operator-context.ts';

interface Secret extends KubeObject {
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
}

const SECRETS: ResourceKind<Secret> = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'namespaced',
};

/**
 * How the operator itself reaches the Traffic Ops of a CDN: as the monitors do.
 *
 * @throws {TerminalError} if no URL is known, or a key of the Secret is missing
 */
export async function trafficOpsConnection(
  { api, settings }: Pick<OperatorContext, 'api' | 'settings'>,
  { url, secretName, insecure, ca }: TrafficOpsAccess,
  signal: AbortSignal,
): Promise<Connection> {
  if (url === '') {
    throw new TerminalError(
      'no Traffic Ops is known: set spec.trafficOps.url with a secretRef, or TRAFFIC_OPS_URL of the operator',
    );
  }
  const { namespace } = settings;
  const secret = await api.get(SECRETS, { namespace, name: secretName }, { signal });
  const entry = (key: string): string => {
    const text = secret.data?.[key];
    if (text === undefined)
      throw new TerminalError(`Secret ${namespace}/${secretName} has no key "${key}"; add it`);
    return Buffer.from(text, 'base64').toString('utf8').trim();
  };
  const connection = { url, username: entry('username'), password: entry('password'), insecure };
  if (ca === null) return connection;
  const { data }: ConfigMap = await api.get(CONFIG_MAPS, { namespace, name: ca.name }, { signal });
  const pem = data?.[ca.key];
  if (pem === undefined)
    throw new TerminalError(`ConfigMap ${namespace}/${ca.name} has no key "${ca.key}"; add it`);
  return { ...connection, ca: pem };
}
