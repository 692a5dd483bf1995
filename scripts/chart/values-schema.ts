import { openApi } from '../../operator/api/v1alpha1/schema-kinds.ts';
import { specSchema } from '../../operator/api/v1alpha1/spec-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const flag = { type: 'boolean' };
const oneOf = (...choices: readonly string[]): Schema => ({ enum: choices });
const whole = (minimum: number): Schema => ({ type: 'integer', minimum });
const texts = { type: 'object', additionalProperties: text };
/** What Kubernetes itself judges. */
const anything = { type: 'object' };
const list = (items: Schema): Schema => ({ type: 'array', items });

/** Exactly these, so that a slip of the pen is told and not ignored. */
const exactly = (properties: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});

const monitoring = exactly({
  enabled: flag,
  labels: texts,
  interval: { type: 'string', pattern: '^[0-9]+(ms|s|m)$' },
});

/** What the chart's values may be: `values.schema.json`. */
export function valuesSchema(): Schema {
  const { cdn, ...groupSpec } = groupFields();
  const group = exactly(groupSpec);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment:
      'Made by "npm run generate" from scripts/chart/values-schema.ts and the schema of TrafficMonitorGroup.',
    title: 'Values of the chart traffic-monitor',
    ...exactly(
      {
        cdn,
        trafficOps: exactly({
          url: { type: 'string', pattern: '^(https?://[^\\s/?#@]+(/[^\\s?#]*)?)?$' },
          existingSecret: text,
          username: text,
          password: text,
          insecure: flag,
          ca: text,
          existingCaConfigMap: text,
          shrinkHoldSeconds: whole(0),
        }),
        groupDefaults: group,
        groups: {
          type: 'object',
          propertyNames: { pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$', maxLength: 40 },
          additionalProperties: { ...group, type: ['object', 'null'] },
        },
        image: exactly({
          repository: { type: 'string', minLength: 1 },
          tag: text,
          digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
          pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
        }),
        imagePullSecrets: list(text),
        nameOverride: text,
        fullnameOverride: text,
        crds: exactly({ enabled: flag, keep: flag }),
        operator: exactly({
          replicas: whole(0),
          logLevel: oneOf('error', 'warning', 'info', 'debug'),
          resources: anything,
          podAnnotations: texts,
          podLabels: texts,
          priorityClassName: text,
          nodeSelector: texts,
          tolerations: list(anything),
          affinity: anything,
          extraEnv: list(anything),
          podDisruptionBudget: exactly({ enabled: flag }),
        }),
        routerService: exactly({
          type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'),
          annotations: texts,
        }),
        serviceAccount: exactly({ create: flag, name: text, annotations: texts }),
        rbac: exactly({ create: flag }),
        networkPolicy: exactly({ enabled: flag }),
        metrics: exactly({
          serviceMonitor: monitoring,
          podMonitor: monitoring,
          prometheusRule: exactly({ enabled: flag, labels: texts, runbookBaseUrl: text }),
          dashboards: exactly({ enabled: flag, labels: texts, annotations: texts }),
        }),
        hooks: exactly({ applySeconds: whole(1), removeSeconds: whole(1), resources: anything }),
        tests: exactly({ enabled: flag, seconds: whole(1) }),
        // For charts that have this one as a part.
        global: anything,
      },
      { required: ['cdn'] },
    ),
  };
}

/** The fields of a group, by name. */
function groupFields(): Readonly<Record<string, unknown>> {
  const { properties } = strict(openApi(specSchema)) as { readonly properties: Schema };
  return properties;
}

/** A schema of the API server's as plain JSON schema: without its own words, and without room for unknown fields. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key]) => !key.startsWith('x-kubernetes-'));
  const plain: Record<string, unknown> = Object.fromEntries(
    entries.map(([key, value]) => [key, key === 'default' ? value : strict(value)]),
  );
  const known = schema as Schema;
  if (typeof plain['properties'] === 'object') plain['additionalProperties'] = false;
  // Which Go's JSON schema does not know.
  if (plain['format'] === 'int32') delete plain['format'];
  const form = formOf(known['x-kubernetes-validations']);
  if (form !== null) plain['pattern'] = form;
  if (known['x-kubernetes-int-or-string'] === true && plain['anyOf'] === undefined)
    plain['type'] = ['integer', 'string'];
  return plain;
}

/** The pattern in a rule like `self.matches(r'…')`. */
function formOf(rules: unknown): string | null {
  for (const { rule } of (rules ?? []) as readonly { readonly rule: string }[]) {
    const [, pattern] = /^self\.matches\(r'(.*)'\)$/.exec(rule) ?? [];
    if (pattern !== undefined) return pattern;
  }
  return null;
}
