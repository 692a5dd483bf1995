import Type from 'typebox';
import type { CachegroupName, MonitorName } from '../../../common/ids.ts';
import { count, fields, oneOf } from './schema-kinds.ts';

const said = <Kind extends string = string>(description: string) =>
  Type.Unsafe<Kind>({ type: 'string', description });

const yesNo = (description: string) => Type.Unsafe<boolean>({ type: 'boolean', description });

const listOf = <Item extends Type.TSchema>(item: Item, description: string) =>
  Type.Array(item, { description });

const conditionSchema = fields(
  {
    type: said('Available, Progressing, Degraded, TrafficOpsReachable or CoverageComplete.'),
    status: oneOf(['True', 'False', 'Unknown'], { description: 'Whether it is so.' }),
    reason: said('Why, in one word.'),
    message: said('Why, and what to do about it.'),
    observedGeneration: count('Generation of the resource that this was found for.'),
    lastTransitionTime: Type.Unsafe<string>({
      type: 'string',
      format: 'date-time',
      description: 'When status changed last.',
    }),
  },
  { description: 'One side of how the group is.' },
);

const memberSchema = fields(
  {
    name: said<MonitorName>('Name of the pod.'),
    ready: yesNo('Whether it answers routers: it knows every cache that it shall know.'),
    live: yesNo('Whether it renews its Lease.'),
    node: Type.Optional(said('Where it runs.')),
    zone: Type.Optional(said('Zone of the node.')),
    appliedRevision: Type.Optional(count('Revision of the assignment that it goes by.')),
    polledRevision: Type.Optional(
      count('Highest revision of the assignment of which it has polled its whole share.'),
    ),
    unpolledCachegroups: Type.Optional(count('How many cachegroups of its share it has not polled whole.')),
  },
  { description: 'One monitor.' },
);

const handoverSchema = fields(
  {
    cachegroup: said<CachegroupName>('What is handed over.'),
    from: said('Group that polls it until the other one does.'),
    to: said('Group that shall poll it.'),
  },
  { description: 'One hand-over under way.' },
);

const failoverSchema = fields(
  {
    cachegroup: said<CachegroupName>('What is polled by another group.'),
    home: said('Group that is down.'),
    standIn: said('Group that polls it until then.'),
  },
  { description: 'One cachegroup of a group that is down.' },
);

/** All but what a new group can tell at once is optional. */
export const statusSchema = fields(
  {
    observedGeneration: Type.Optional(count('Generation of the resource that the status is of.')),
    replicas: Type.Optional(count('How many pods there are.')),
    readyReplicas: Type.Optional(count('How many monitors answer routers.')),
    selector: Type.Optional(said('Label selector of the pods, for the scale subresource.')),
    revision: Type.Optional(count('Revision of the assignment that the group shall go by.')),
    appliedMembers: Type.Optional(said('How many monitors go by it, of how many there shall be: 2/2.')),
    onDuty: Type.Optional(yesNo('Whether it polls its cachegroups; if not, other groups stand in for it.')),
    cachegroupCount: Type.Optional(count('How many cachegroups it polls.')),
    cachegroups: Type.Optional(
      listOf(said<CachegroupName>('Name of a cachegroup.'), 'The cachegroups that it polls.'),
    ),
    handovers: Type.Optional(listOf(handoverSchema, 'Hand-overs to and from this group.')),
    failovers: Type.Optional(listOf(failoverSchema, 'Cachegroups polled for or by other groups.')),
    members: Type.Optional(
      Type.Array(memberSchema, {
        description: 'Its monitors.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
    ),
    conditions: Type.Optional(
      Type.Array(conditionSchema, {
        description: 'How the group is.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    ),
  },
  { description: 'What the group is. Written by the operator.' },
);
