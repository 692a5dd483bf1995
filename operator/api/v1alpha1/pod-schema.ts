import type { V1PodSpec } from '@kubernetes/client-node';
import Type from 'typebox';
import type { Wire } from '../../kube/wire.ts';
import { anything, fields, oneOf, texts } from './schema-kinds.ts';

/** Amounts by the name of the resource, e.g. `memory`: `512Mi`. */
export type Quantities = Readonly<Record<string, string | number>>;

function quantities(description: string) {
  return Type.Unsafe<Quantities>({
    type: 'object',
    description,
    maxProperties: 16,
    additionalProperties: {
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      'x-kubernetes-int-or-string': true,
      pattern:
        '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
    },
  });
}

export const resourcesSchema = fields(
  {
    requests: Type.Optional(quantities('What a monitor is sure to get.')),
    limits: Type.Optional(quantities('What a monitor may use at most.')),
  },
  {
    description:
      'CPU and memory of a monitor. A limit on CPU makes polls late under load; a limit on memory should leave room for twice the usual use.',
  },
);

export const podTemplateSchema = fields(
  {
    metadata: Type.Optional(
      fields(
        {
          labels: Type.Optional(texts('More labels of the pods.')),
          annotations: Type.Optional(texts('More annotations of the pods.')),
        },
        { description: 'What is added to the metadata of the pods.' },
      ),
    ),
    spec: Type.Optional(
      anything<Wire<Partial<V1PodSpec>>>(
        'Merged into the specification of the pods as kubectl patch does: lists with names (containers, volumes, environment variables) by name. The container of the monitor is called monitor.',
      ),
    ),
  },
  {
    description: 'Changes to the pods, beyond what the other fields can do.',
    rules: [
      {
        rule: "!has(self.metadata) || !has(self.metadata.labels) || !self.metadata.labels.exists(name, name.startsWith('trafficcontrol.cdn/') || name.startsWith('app.kubernetes.io/'))",
        message:
          'podTemplate.metadata.labels may not set trafficcontrol.cdn/ or app.kubernetes.io/ labels: the operator finds its pods by them',
      },
    ],
  },
);

export const serviceSchema = fields(
  {
    type: oneOf(['ClusterIP', 'NodePort', 'LoadBalancer'], {
      description: 'How the monitors are reached from outside of the cluster.',
      default: 'ClusterIP',
    }),
    annotations: Type.Optional(texts('Annotations of the Service, e.g. for a load balancer.')),
  },
  { description: "The group's Service over its ready monitors.", default: {} },
);
