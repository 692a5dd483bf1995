/** The least that a group needs. */
export const least = { cdn: 'cdn1', location: 'cg-london' };
export const many = (count: number) => Array.from({ length: count }, (_, i) => `cg-${i}`);

/** What the API server refuses, and the part of its answer that says why. */
export const refused: readonly (readonly [what: string, spec: object | null, message: string])[] = [
  ['no spec', null, 'spec: Required value'],
  ['no CDN', { location: 'cg-london' }, 'spec.cdn: Required value'],
  [
    'a CDN with a space in its name',
    { ...least, cdn: 'my cdn' },
    'must be the name of a CDN: letters, digits, -, _ and .',
  ],
  [
    'no location with strategy closest',
    { cdn: 'cdn1' },
    'location is needed with strategy closest: the cachegroup where the group stands',
  ],
  ['no replicas', { ...least, replicas: 0 }, 'spec.replicas in body should be greater than or equal to 1'],
  [
    'too many replicas',
    { ...least, replicas: 65 },
    'spec.replicas in body should be less than or equal to 64',
  ],
  ['half a replica', { ...least, replicas: 1.5 }, 'spec.replicas in body must be of type integer'],
  [
    'a redundancy in words',
    { ...least, redundancy: 'all' },
    'redundancy must be All or a whole number from 1 up',
  ],
  ['redundancy 0', { ...least, redundancy: 0 }, 'redundancy must be All or a whole number from 1 up'],
  [
    'more redundancy than replicas',
    { ...least, replicas: 2, redundancy: 3 },
    'redundancy may not be more than replicas',
  ],
  ['an unknown strategy', { ...least, strategy: 'nearest' }, 'supported values: "closest", "buckets"'],
  [
    'a cachegroup claimed and excluded',
    { ...least, cacheGroups: ['a', 'b'], exclude: ['b'] },
    'cacheGroups and exclude may not name the same cachegroup',
  ],
  [
    'a cachegroup claimed twice',
    { ...least, cacheGroups: ['a', 'a'] },
    'spec.cacheGroups[1]: Duplicate value: "a"',
  ],
  [
    'a cachegroup without a name',
    { ...least, exclude: [''] },
    'spec.exclude[0] in body should be at least 1 chars long',
  ],
  [
    'too many cachegroups',
    { ...least, cacheGroups: many(501) },
    'spec.cacheGroups: Too many: 501: must have at most 500 items',
  ],
  [
    'a failover before a Lease ends',
    { ...least, failoverAfterSeconds: 5 },
    'spec.failoverAfterSeconds in body should be greater than or equal to 10',
  ],
  [
    'a failback before now',
    { ...least, failbackAfterSeconds: -1 },
    'spec.failbackAfterSeconds in body should be greater than or equal to 0',
  ],
  [
    'a hand-over of hours',
    { ...least, handoverTimeoutSeconds: 7200 },
    'spec.handoverTimeoutSeconds in body should be less than or equal to 3600',
  ],
  [
    'an unknown IP family',
    { ...least, pollingProtocol: 'ipv5' },
    'supported values: "both", "ipv4only", "ipv6only"',
  ],
  [
    'an unknown way to combine verdicts',
    { ...least, healthProtocol: 'hopeful' },
    'supported values: "optimistic", "pessimistic"',
  ],
  [
    'flush times of statistics without statistics',
    { ...least, statFlushIntervalMs: 20 },
    'statFlushIntervalMs needs statPolling',
  ],
  [
    'buffer times of statistics without statistics',
    { ...least, statBufferIntervalMs: 20 },
    'statBufferIntervalMs needs statPolling',
  ],
  [
    'a quorum that no monitor can have',
    { ...least, peerOptimisticQuorumMin: 2 },
    'peerOptimisticQuorumMin must be less than replicas: a monitor does not count itself',
  ],
  [
    'flush time 0',
    { ...least, healthFlushIntervalMs: 0 },
    'spec.healthFlushIntervalMs in body should be greater than or equal to 1',
  ],
  [
    'a statsd server without a port',
    { ...least, statsdAddress: 'statsd.example.net' },
    'must be host:port; an IPv6 address in brackets',
  ],
  [
    'a Traffic Ops without a scheme',
    { ...least, trafficOps: { url: 'ops.example.net', secretRef: { name: 'ops' } } },
    'must be an http or https URL without user, query or fragment',
  ],
  [
    'a password in a URL',
    { ...least, trafficOps: { url: 'https://me:secret@ops.example.net', secretRef: { name: 'ops' } } },
    'must be an http or https URL without user, query or fragment',
  ],
  [
    'credentials of the operator for another Traffic Ops',
    { ...least, trafficOps: { url: 'https://ops.example.net' } },
    'url needs secretRef: the credentials of the operator are not sent to another Traffic Ops',
  ],
  [
    'a certificate authority with no checks',
    { ...least, trafficOps: { insecure: true, caConfigMapRef: { name: 'ca' } } },
    'insecure and caConfigMapRef exclude each other',
  ],
  [
    'a certificate authority for http',
    {
      ...least,
      trafficOps: { url: 'http://ops', secretRef: { name: 'ops' }, caConfigMapRef: { name: 'ca' } },
    },
    'insecure and caConfigMapRef need an https url',
  ],
  [
    'a Secret that cannot be',
    { ...least, trafficOps: { secretRef: { name: 'Ops Secret' } } },
    'must be the name of a Secret: lower-case letters, digits, - and .',
  ],
  [
    'a Secret without a name',
    { ...least, trafficOps: { secretRef: {} } },
    'spec.trafficOps.secretRef.name: Required value',
  ],
  ['an image with a space', { ...least, image: 'my image' }, 'must be the name of an image, without spaces'],
  [
    'an unknown pull policy',
    { ...least, imagePullPolicy: 'Sometimes' },
    'supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    'memory in words',
    { ...least, resources: { limits: { memory: 'plenty' } } },
    'spec.resources.limits.memory',
  ],
  [
    'a label that the operator needs',
    { ...least, podTemplate: { metadata: { labels: { 'trafficcontrol.cdn/group': 'x' } } } },
    'the operator finds its pods by them',
  ],
  [
    'an unknown kind of Service',
    { ...least, service: { type: 'ExternalName' } },
    'supported values: "ClusterIP", "NodePort", "LoadBalancer"',
  ],
  ['a word for a flag', { ...least, paused: 'yes' }, 'spec.paused in body must be of type boolean'],
];
