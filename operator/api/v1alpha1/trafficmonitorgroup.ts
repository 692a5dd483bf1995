import type { V1ObjectMeta } from '@kubernetes/client-node';
import type Type from 'typebox';
import type { Wire } from '../../kube/wire.ts';
import type { DeepReadonly } from './schema-kinds.ts';
import type { specSchema } from './spec-schema.ts';
import type { statusSchema } from './status-schema.ts';

/** A group of monitors as the API server hands it out: every default is filled in. */
export interface TrafficMonitorGroup {
  readonly apiVersion: 'trafficcontrol.cdn/v1alpha1';
  readonly kind: 'TrafficMonitorGroup';
  readonly metadata: Wire<V1ObjectMeta>;
  readonly spec: TrafficMonitorGroupSpec;
  readonly status?: TrafficMonitorGroupStatus;
}

export type TrafficMonitorGroupSpec = DeepReadonly<Type.Static<typeof specSchema>>;
export type TrafficMonitorGroupStatus = DeepReadonly<Type.Static<typeof statusSchema>>;

export type MemberStatus = NonNullable<TrafficMonitorGroupStatus['members']>[number];
