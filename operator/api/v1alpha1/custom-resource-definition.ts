import { API_GROUP, API_VERSION, KIND, PLURAL } from './names.ts';
import { openApi, type Rule } from './schema-kinds.ts';
import { specSchema } from './spec-schema.ts';
import { statusSchema } from './status-schema.ts';

const status = (type: string) => `.status.conditions[?(@.type=="${type}")].status`;

/** What `kubectl get tmg` shows; priority 1: only with `-o wide`. */
const columns = [
  { name: 'CDN', type: 'string', jsonPath: '.spec.cdn', description: 'CDN that is polled' },
  { name: 'Location', type: 'string', jsonPath: '.spec.location', description: 'where the group stands' },
  { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas', description: 'monitors that shall be' },
  { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas', description: 'monitors that answer' },
  {
    name: 'Cachegroups',
    type: 'integer',
    jsonPath: '.status.cachegroupCount',
    description: 'cachegroups that the group polls',
  },
  {
    name: 'Applied',
    type: 'string',
    jsonPath: '.status.appliedMembers',
    description: 'monitors that go by the newest assignment',
  },
  { name: 'Available', type: 'string', jsonPath: status('Available'), description: 'a monitor answers' },
  { name: 'Degraded', type: 'string', jsonPath: status('Degraded'), description: 'something is wrong' },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Degraded")].reason',
    description: 'what is wrong',
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'since its creation' },
  {
    name: 'Revision',
    type: 'integer',
    jsonPath: '.status.revision',
    description: 'of the assignment',
    priority: 1,
  },
  {
    name: 'Coverage',
    type: 'string',
    jsonPath: status('CoverageComplete'),
    description: 'every cachegroup of the CDN is polled',
    priority: 1,
  },
  {
    name: 'TrafficOps',
    type: 'string',
    jsonPath: status('TrafficOpsReachable'),
    description: 'Traffic Ops answers',
    priority: 1,
  },
  { name: 'Paused', type: 'boolean', jsonPath: '.spec.paused', description: 'left as it is', priority: 1 },
];

const rules: readonly Rule[] = [
  {
    rule: "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    message:
      'the name of a group must have 40 characters at most, letters, digits and -, and begin with a letter: pods and Services are named after it',
  },
];

/** The definition that makes the API server know groups of monitors: `crds/trafficmonitorgroups.yaml`. */
export function customResourceDefinition() {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${API_GROUP}` },
    spec: {
      group: API_GROUP,
      scope: 'Namespaced',
      names: {
        plural: PLURAL,
        singular: KIND.toLowerCase(),
        kind: KIND,
        listKind: `${KIND}List`,
        shortNames: ['tmg'],
        categories: ['trafficcontrol'],
      },
      versions: [
        {
          name: API_VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          selectableFields: [{ jsonPath: '.spec.cdn' }],
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description:
                'A group of Traffic Monitors that polls its share of the caches of a CDN. Groups of one CDN share its cachegroups.',
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: openApi(specSchema),
                status: openApi(statusSchema),
              },
              'x-kubernetes-validations': rules,
            },
          },
        },
      ],
    },
  };
}
