import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SimulatedCdn } from '../../sim/simulated-cdn.ts';
import { ControlPlane } from '../api/control-plane.ts';
import { OperatorGround } from '../api/operator-ground.ts';
import type { OperatorProcess } from '../api/operator-process.ts';
import { ProgramPods } from '../api/program-pods.ts';
import { Prometheus, type Target, targetsAsTheyAre } from '../rules/prometheus.ts';

/** Where each group stands. */
const homes = { amer: 'new-york', apac: 'tokyo', emea: 'london' } as const;
const membersEach = 2;
export const scrapeSeconds = 2;

/**
 * A CDN with operators and monitors as programs, at a real API server, and a Prometheus that scrapes them with the
 * labels that the chart's PodMonitor and ServiceMonitor give.
 */
export class WatchedWorld {
  readonly cdn: SimulatedCdn;
  readonly ground: OperatorGround;
  readonly pods: ProgramPods;
  readonly operators: readonly OperatorProcess[];
  readonly prometheus: Prometheus;
  readonly #folder: string;

  private constructor(parts: {
    cdn: SimulatedCdn;
    ground: OperatorGround;
    pods: ProgramPods;
    operators: readonly OperatorProcess[];
    prometheus: Prometheus;
    folder: string;
  }) {
    this.cdn = parts.cdn;
    this.ground = parts.ground;
    this.pods = parts.pods;
    this.operators = parts.operators;
    this.prometheus = parts.prometheus;
    this.#folder = parts.folder;
  }

  static async start(): Promise<WatchedWorld> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'watched-world-'));
    const cdn = await SimulatedCdn.start({
      ownPorts: true,
      world: { edges: 60, mids: 6, intervals: { health: 1000, peers: 1000, trafficOps: 2000 } },
    });
    const plane = await ControlPlane.start();
    const ground = await OperatorGround.openFor(plane, cdn);
    const operators = [
      await ground.startOperator('tm-operator-0'),
      await ground.startOperator('tm-operator-1'),
    ];
    for (const [group, location] of Object.entries(homes))
      await ground.applyGroup(group, { location, replicas: membersEach });
    const pods = new ProgramPods(ground, folder);
    await pods.startAll(Object.keys(homes).length * membersEach);
    await ground.untilSettled(...Object.keys(homes));
    const prometheus = await Prometheus.start(
      targetsAsTheyAre(targetsOf(cdn, pods, operators)),
      scrapeSeconds,
    );
    return new WatchedWorld({ cdn, ground, pods, operators, prometheus, folder });
  }

  async stop(): Promise<void> {
    await this.prometheus.stop();
    await this.pods.stop();
    await this.ground.close();
    await this.ground.plane.stop();
    await this.cdn.close();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

function targetsOf(cdn: SimulatedCdn, pods: ProgramPods, operators: readonly OperatorProcess[]): Target[] {
  const namespace = 'traffic-control';
  return [
    ...pods.all.map((pod) => ({
      address: ProgramPods.addressOf(pod),
      labels: { namespace, cdn: cdn.world.cdn, monitor_group: pod.group, pod: pod.name, instance: pod.name },
    })),
    ...operators.map(({ url }, index) => ({
      address: new URL(url).host,
      labels: { namespace, pod: `tm-operator-${index}`, instance: `tm-operator-${index}` },
    })),
  ];
}
