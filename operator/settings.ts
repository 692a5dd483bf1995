import type { GroupPlan, ServiceParameters } from './resources/group-plan.ts';
import { dnsLabel } from './resources/names.ts';

/** Everything that the environment of the operator's process decides; docs/operator.md has the table. */
export interface OperatorSettings {
  /** The one namespace that it works in. */
  readonly namespace: string;
  /** The CDN whose groups it looks after; null: those of every CDN in the namespace. */
  readonly cdn: string | null;
  /** Name of this process in leader elections. */
  readonly identity: string;
  readonly leaseName: string;
  /** The Lease of the leader goes with it; null: it stays. */
  readonly serviceAccount: string | null;
  /** For groups that name no image of their own. */
  readonly image: string;
  readonly imagePullPolicy: GroupPlan['imagePullPolicy'];
  readonly imagePullSecrets: readonly string[];
  readonly trafficOps: DefaultTrafficOps;
  /** For so long a snapshot is held back that lacks many of the caches in force; 0: not at all. */
  readonly snapshotShrinkHoldMs: number;
  readonly routerService: ServiceParameters;
  readonly networkPolicy: boolean;
  /** Health, readiness and metrics. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly logLevel: 'error' | 'warning' | 'info' | 'debug';
}

/** Traffic Ops for groups that name none; an empty url: each group has to. */
export interface DefaultTrafficOps {
  readonly url: string;
  readonly secretName: string;
  readonly insecure: boolean;
  /** ConfigMap with the key `ca.crt`; null: the certificates of the image. */
  readonly caConfigMap: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings of the environment.
 *
 * @throws {Error} naming variable, value and rule
 */
export function readSettings(environment: Environment): OperatorSettings {
  const text = (name: string, fallback: string): string => {
    const value = environment[name];
    return value === undefined || value === '' ? fallback : value;
  };
  const needed = (name: string, what: string): string => {
    const value = text(name, '');
    if (value === '') throw new Error(`${name} is not set: it names ${what}`);
    return value;
  };
  const choice = <T extends string>(name: string, fallback: T, allowed: readonly T[]): T => {
    const value = text(name, fallback);
    const found = allowed.find((one) => one === value);
    if (found === undefined)
      throw new Error(`${name} is "${value}": it has to be one of ${allowed.join(', ')}`);
    return found;
  };
  const flag = (name: string, fallback: 'true' | 'false'): boolean =>
    choice(name, fallback, ['true', 'false']) === 'true';
  const cdn = text('CDN', '');
  return {
    namespace: needed('NAMESPACE', 'the namespace to work in'),
    cdn: cdn === '' ? null : cdn,
    identity: needed('POD_NAME', 'this process in leader elections'),
    // Operators of several CDNs in one namespace each have a leader of their own.
    leaseName: text(
      'LEASE_NAME',
      ['traffic-monitor-operator', ...(cdn === '' ? [] : [dnsLabel(cdn, 38)])].join('-'),
    ),
    serviceAccount: text('SERVICE_ACCOUNT', '') || null,
    image: needed('MONITOR_IMAGE', 'the image of monitors'),
    imagePullPolicy: choice('MONITOR_IMAGE_PULL_POLICY', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never']),
    imagePullSecrets: text('MONITOR_IMAGE_PULL_SECRETS', '')
      .split(',')
      .filter((name) => name !== ''),
    trafficOps: {
      url: text('TRAFFIC_OPS_URL', '').replace(/\/$/, ''),
      secretName: text('TRAFFIC_OPS_SECRET', 'traffic-ops'),
      insecure: flag('TRAFFIC_OPS_INSECURE', 'false'),
      caConfigMap: text('TRAFFIC_OPS_CA_CONFIG_MAP', '') || null,
    },
    snapshotShrinkHoldMs: secondsOf(
      'SNAPSHOT_SHRINK_HOLD_SECONDS',
      text('SNAPSHOT_SHRINK_HOLD_SECONDS', '300'),
    ),
    routerService: {
      type: choice('ROUTER_SERVICE_TYPE', 'ClusterIP', ['ClusterIP', 'NodePort', 'LoadBalancer']),
      annotations: annotationsOf(text('ROUTER_SERVICE_ANNOTATIONS', '{}')),
    },
    networkPolicy: flag('NETWORK_POLICY', 'false'),
    listen: listenOf(text('LISTEN', ':8081')),
    logLevel: choice('LOG_LEVEL', 'info', ['error', 'warning', 'info', 'debug']),
  };
}

function annotationsOf(text: string): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    Object.values(value).some((one) => typeof one !== 'string')
  ) {
    throw new Error(`ROUTER_SERVICE_ANNOTATIONS is "${text}": it has to be a JSON object of strings`);
  }
  return value as Readonly<Record<string, string>>;
}

function secondsOf(name: string, value: string): number {
  if (!/^\d{1,6}$/.test(value))
    throw new Error(`${name} is "${value}": it has to be a whole number of seconds`);
  return Number(value) * 1000;
}

function listenOf(text: string): OperatorSettings['listen'] {
  const parts = /^(.*):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[2]);
  if (parts === null || port > 65_535)
    throw new Error(`LISTEN is "${text}": it has to be host:port or :port`);
  return { host: parts[1] === '' ? '::' : (parts[1] ?? '::'), port };
}
