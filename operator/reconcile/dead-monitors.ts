import { request } from 'undici';
import { isConflict, isNotFound } from '../../common/kube/api-error.ts';
import type { Stored } from '../../common/kube/objects.ts';
import { PODS, type PodObject } from '../kube/kinds.ts';
import { HTTP_PORT } from '../resources/monitor-files.ts';
import { FIELD_MANAGER, memberName } from '../resources/names.ts';
import type { OperatorContext } from './operator-context.ts';
import type { ResolvedGroup } from './resolve-group.ts';

const PROBE_MS = 1500;
const LOOK_AGAIN_MS = 2000;

type Needed = Pick<OperatorContext, 'liveness' | 'nowMs' | 'wallMs' | 'api' | 'log'> & {
  readonly world: Pick<OperatorContext['world'], 'pods'>;
  readonly metrics: Pick<OperatorContext['metrics'], 'markedDead'>;
};

/**
 * Takes dead monitors out of the routers' Service long before Kubernetes' own time-out for a node: a pod whose Lease
 * is stale and that does not answer the operator either is marked not ready. Its kubelet, when it is back, sets that
 * right by itself, whether there is an operator or not. The last monitor of a CDN is never taken away.
 *
 * @returns when to look again, in ms; null: not before something changes
 */
export async function unreadyDeadMonitors(
  context: Needed,
  { plan }: Pick<ResolvedGroup, 'plan'>,
  signal: AbortSignal,
): Promise<number | null> {
  const { world, liveness, nowMs } = context;
  let isSuspect = false;
  for (let ordinal = 0; ordinal < plan.replicas; ordinal++) {
    const name = memberName(plan.name, ordinal);
    const pod = world.pods.get(`${plan.namespace}/${name}`);
    // One that has never lived is starting; its own probe knows better.
    if (pod === undefined || liveness.of(name) === null || liveness.isLive(name, nowMs()) || !isReady(pod))
      continue;
    isSuspect = true;
    if (!hasOtherLiveMonitor(context, name)) continue;
    if (await answers(pod.status?.podIP, signal)) continue;
    try {
      await markUnready(context, pod, signal);
    } catch (error) {
      // It has changed or gone since; the next look will see that.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
  return isSuspect ? LOOK_AGAIN_MS : null;
}

function isReady({ status }: PodObject): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/** With nobody live it is likelier that the operator is cut off than that all monitors are. */
function hasOtherLiveMonitor({ liveness, nowMs }: Needed, name: string): boolean {
  return [...liveness.members].some((member) => member !== name && liveness.isLive(member, nowMs()));
}

async function answers(address: string | undefined, signal: AbortSignal): Promise<boolean> {
  if (address === undefined) return false;
  const host = address.includes(':') ? `[${address}]` : address;
  try {
    const { statusCode, body } = await request(`http://${host}:${HTTP_PORT}/readyz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    // Whatever the reason, a router would not get an answer either.
    return false;
  }
}

async function markUnready(context: Needed, pod: Stored<PodObject>, signal: AbortSignal): Promise<void> {
  const { name, namespace = '', resourceVersion } = pod.metadata;
  const now = new Date(context.wallMs()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const conditions = (pod.status?.conditions ?? []).map((condition) =>
    condition.type === 'Ready'
      ? {
          ...condition,
          status: 'False',
          reason: 'MonitorDead',
          message: 'its Lease is stale and it does not answer',
          lastTransitionTime: now,
        }
      : condition,
  );
  await context.api.mergePatch(
    PODS,
    { name, namespace },
    { metadata: { resourceVersion }, status: { conditions } },
    { subresource: 'status', fieldManager: FIELD_MANAGER, signal },
  );
  context.metrics.markedDead();
  context.log
    .about('Pod', `${namespace}/${name}`)
    .warning(
      'its Lease is stale and it does not answer: marked not ready, so that routers ask others; see its node',
    );
}
