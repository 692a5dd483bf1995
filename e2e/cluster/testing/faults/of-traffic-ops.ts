import type { SimulatedTrafficOps } from '../../../../sim/traffic-ops.ts';
import { withoutHalf } from '../../../../sim/without-half.ts';
import { type Fault, nothing, pause } from './fault.ts';
import { deletePod } from './of-pods.ts';

const lieMs = { short: 3000, full: 30_000 };

/** Traffic Ops says something else for a while, then the truth again. */
const lie = (name: string, about: string, tell: (trafficOps: SimulatedTrafficOps) => unknown): Fault => ({
  name: `Traffic Ops: ${name}`,
  about: `${about}; meanwhile a monitor is replaced, which has to know better from its start`,
  takesMonitors: true,
  async run(stage, length) {
    const { cdn } = stage.ground;
    const { trafficOps } = cdn;
    const [pod] = stage.readyPods();
    await tell(trafficOps);
    try {
      await pause(lieMs[length]);
      if (pod !== undefined) await deletePod(stage, pod);
    } finally {
      await trafficOps.setMode('up');
      trafficOps.replace(cdn.world);
    }
    return nothing;
  },
});

export const faultsOfTrafficOps: readonly Fault[] = [
  lie('older snapshot', 'a snapshot that is a day older', (trafficOps) => {
    const { snapshot } = trafficOps.content;
    const date = snapshot.stats.date - 86_400;
    trafficOps.serveVerbatim({ snapshot: { ...snapshot, stats: { ...snapshot.stats, date } } });
  }),
  lie('half of the caches gone', 'a newer snapshot with every other cache left out', (trafficOps) =>
    trafficOps.replace(withoutHalf(trafficOps.content)),
  ),
  lie('down', 'nobody listens', (trafficOps) => trafficOps.setMode('refuse')),
  lie('garbage', "a gateway's page with status 200 instead of every answer", (trafficOps) =>
    trafficOps.setMode('garbage'),
  ),
];

/** The same fault in its short form while nobody listens for Traffic Ops. */
export const withoutTrafficOps = (fault: Fault): Fault => ({
  ...fault,
  name: `${fault.name}, Traffic Ops down`,
  about: 'its short form while nobody listens for Traffic Ops',
  only: 'full',
  async run(stage) {
    const { trafficOps } = stage.ground.cdn;
    await trafficOps.setMode('refuse');
    try {
      const allowed = await fault.run(stage, 'short');
      await stage.settle();
      return allowed;
    } finally {
      await trafficOps.setMode('up');
    }
  },
});
