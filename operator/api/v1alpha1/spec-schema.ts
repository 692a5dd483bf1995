import Type from 'typebox';
import type { CachegroupName, CdnName } from '../../../common/ids.ts';
import { podTemplateSchema, resourcesSchema, serviceSchema } from './pod-schema.ts';
import { fields, flag, MAX_NAME, names, oneOf, type Rule, text, whole } from './schema-kinds.ts';
import { trafficOpsSchema } from './traffic-ops-schema.ts';

const MAX_REPLICAS = 64;
/** So many that the rule against names in both lists stays within what the API server lets a rule cost. */
const MAX_NAMED = 500;

const whoPollsWhat = {
  cdn: text<CdnName>({
    description: 'Name of the CDN in Traffic Ops whose caches the group polls. Cannot be changed.',
    maxLength: 63,
    form: {
      pattern: '^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$',
      message: 'must be the name of a CDN: letters, digits, -, _ and .',
    },
    rules: [
      {
        rule: 'self == oldSelf',
        message: 'cdn cannot be changed: create a group for the other CDN, then delete this one',
      },
    ],
  }),
  location: Type.Optional(
    text<CachegroupName>({
      description:
        'The cachegroup in Traffic Ops whose coordinates are where the group stands. Needed with strategy closest.',
      maxLength: MAX_NAME,
    }),
  ),
  replicas: whole({
    description: 'How many monitors the group has. To poll nothing any more, delete the group.',
    minimum: 1,
    maximum: MAX_REPLICAS,
    default: 2,
  }),
  redundancy: Type.Unsafe<'All' | number>({
    'x-kubernetes-int-or-string': true,
    description:
      'How many monitors of the group poll each cache: All, or a number. With a number the group can poll more caches the more replicas it has, and loses nothing while fewer monitors than that are down.',
    default: 'All',
    'x-kubernetes-validations': [
      {
        rule: "type(self) == int ? self >= 1 : self == 'All'",
        message: 'redundancy must be All or a whole number from 1 up',
      },
    ],
  }),
  strategy: oneOf(['closest', 'buckets'], {
    description:
      'How cachegroups that no group names are shared out: to the closest groups, or evenly by a hash of their names. All groups of a CDN share one: that of the first by name.',
    default: 'closest',
  }),
  cacheGroups: names<CachegroupName>({
    description: 'Cachegroups that this group polls in any case. They count as part of its share.',
    maxItems: MAX_NAMED,
  }),
  exclude: names<CachegroupName>({
    description: 'Cachegroups that this group never polls.',
    maxItems: MAX_NAMED,
  }),
  failoverAfterSeconds: whole({
    description:
      'A group without a sign of life for so long gives its cachegroups to other groups. Counted from the last sign of life of its last monitor; those of a new group have 30 s more to start.',
    minimum: 10,
    maximum: 3600,
    default: 10,
  }),
  failbackAfterSeconds: whole({
    description: 'A group that is back gets its cachegroups again after it has stayed so long.',
    minimum: 0,
    maximum: 86_400,
    default: 60,
  }),
  handoverTimeoutSeconds: whole({
    description:
      'The old owner of a cachegroup goes on polling it until this group has polled all of it, but no longer than this while this group is live.',
    minimum: 5,
    maximum: 3600,
    default: 60,
  }),
};

const polling = {
  pollingProtocol: oneOf(['both', 'ipv4only', 'ipv6only'], {
    description: 'IP family that caches are polled over; with both they take turns.',
    default: 'both',
  }),
  statPolling: flag({
    description: 'Whether to poll the statistics of caches as well as their health.',
    default: false,
  }),
  healthProtocol: oneOf(['optimistic', 'pessimistic'], {
    description:
      'How the verdicts of several monitors on a cache become one: it is up if any of them sees it up, or only if all of them do.',
    default: 'optimistic',
  }),
  peerOptimisticQuorumMin: whole({
    description:
      'How many other monitors of the group a monitor must reach to answer routers. 0: it always answers. Has effect from 3 replicas up.',
    minimum: 0,
    maximum: MAX_REPLICAS - 1,
    default: 0,
  }),
  healthFlushIntervalMs: whole({
    description: 'Longest time in ms that a result of a health poll waits to be seen in the answers.',
    minimum: 1,
    maximum: 60_000,
    default: 200,
  }),
  statFlushIntervalMs: Type.Optional(
    whole({
      description: 'As healthFlushIntervalMs, for statistics. Only with statPolling.',
      minimum: 0,
      maximum: 60_000,
    }),
  ),
  statBufferIntervalMs: Type.Optional(
    whole({
      description:
        'Shortest time in ms to gather statistics before they are taken in. Only with statPolling.',
      minimum: 0,
      maximum: 60_000,
    }),
  ),
  statsdAddress: Type.Optional(
    text({
      description:
        'host:port of a statsd server that gets all metrics by UDP, with tags as DogStatsD has them.',
      maxLength: 262,
      form: {
        pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[0-9A-Za-z_]([-0-9A-Za-z_.]*[0-9A-Za-z_.])?):[0-9]{1,5}$',
        message: 'must be host:port; an IPv6 address in brackets',
      },
    }),
  ),
  metricsPerCache: flag({
    description: 'Whether metrics tell of each single cache too, not only of cachegroups.',
    default: false,
  }),
};

const running = {
  image: Type.Optional(
    text({
      description: 'Image of the monitors. The default is the image of the operator.',
      maxLength: 1024,
      form: { pattern: '^\\S+$', message: 'must be the name of an image, without spaces' },
    }),
  ),
  imagePullPolicy: Type.Optional(
    oneOf(['Always', 'IfNotPresent', 'Never'], { description: 'When the image is pulled.' }),
  ),
  resources: Type.Optional(resourcesSchema),
  podTemplate: Type.Optional(podTemplateSchema),
  service: serviceSchema,
  networkPolicy: flag({
    description: 'Whether a NetworkPolicy limits who reaches the monitors to what they need.',
    default: false,
  }),
  paused: flag({
    description:
      'Whether the operator leaves the group as it is. Its monitors go on; what changes is carried out when it is no longer paused.',
    default: false,
  }),
};

const rules: readonly Rule[] = [
  {
    rule: "self.strategy != 'closest' || has(self.location)",
    message: 'location is needed with strategy closest: the cachegroup where the group stands',
  },
  {
    rule: 'type(self.redundancy) == string || self.redundancy <= self.replicas',
    message: 'redundancy may not be more than replicas',
  },
  {
    rule: '!self.cacheGroups.exists(name, name in self.exclude)',
    message: 'cacheGroups and exclude may not name the same cachegroup',
  },
  {
    rule: 'self.peerOptimisticQuorumMin < self.replicas',
    message: 'peerOptimisticQuorumMin must be less than replicas: a monitor does not count itself',
  },
  {
    rule: 'self.statPolling || !has(self.statFlushIntervalMs)',
    message: 'statFlushIntervalMs needs statPolling',
  },
  {
    rule: 'self.statPolling || !has(self.statBufferIntervalMs)',
    message: 'statBufferIntervalMs needs statPolling',
  },
];

export const specSchema = fields(
  { ...whoPollsWhat, trafficOps: Type.Optional(trafficOpsSchema), ...polling, ...running },
  { description: 'What the group shall be.', rules },
);
