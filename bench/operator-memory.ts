import { setTimeout as sleep } from 'node:timers/promises';
import { ControlPlane } from '../e2e/api/control-plane.ts';
import { OperatorGround } from '../e2e/api/operator-ground.ts';
import { residentMb } from './process-figures.ts';

export interface OperatorMemory {
  readonly caches: number;
  /** Of the documents of Traffic Ops, MB. */
  readonly monitoringMb: number;
  readonly snapshotMb: number;
  /** Resident: the most that was seen, and at the end; MB. */
  readonly mostMb: number;
  readonly lastMb: number;
}

const LOOK_EVERY_MS = 100;
const SNAPSHOTS = 3;
/** Ten times as often as Traffic Ops has it by default. */
const TRAFFIC_OPS_MS = 1000;

/** What the operator takes for a CDN of that many caches, of which Traffic Ops tells something new three times. */
export async function measureOperatorMemory(caches: number, cachegroups: number): Promise<OperatorMemory> {
  const plane = await ControlPlane.start();
  const intervals = { trafficOps: TRAFFIC_OPS_MS };
  const world = { edges: caches, cachegroups, deliveryServices: 100, intervals };
  const ground = await OperatorGround.open(plane, world);
  try {
    const operator = await ground.startOperator();
    let [mostMb, lastMb] = [0, 0];
    const look = setInterval(() => {
      if (!operator.running) return;
      lastMb = residentMb(operator.pid);
      mostMb = Math.max(mostMb, lastMb);
    }, LOOK_EVERY_MS);
    await ground.applyGroup('emea');
    await ground.untilSettled('emea');
    for (let snapshot = 1; snapshot <= SNAPSHOTS; snapshot++) {
      const before = await versionOf(ground);
      ground.relay({ ...world, date: 1_800_000_000 + snapshot });
      await plane.until('the snapshot to be kept', async () => (await versionOf(ground)) !== before, 120_000);
      await sleep(5 * TRAFFIC_OPS_MS);
    }
    clearInterval(look);
    return {
      caches,
      monitoringMb: sizeMb(ground.world.monitoring),
      snapshotMb: sizeMb(ground.world.snapshot),
      mostMb,
      lastMb,
    };
  } finally {
    await ground.close();
    await plane.stop();
  }
}

/** Of all its pieces: the end of a snapshot may change alone. */
async function versionOf(ground: OperatorGround): Promise<string> {
  const maps = await ground.admin.listMetadata(ground.path('v1', 'configmaps'));
  return maps
    .filter(({ metadata }) => metadata.name.includes('-snapshot-'))
    .map(({ metadata }) => metadata.resourceVersion)
    .join();
}

const sizeMb = (document: unknown): number => JSON.stringify(document).length / 1e6;
