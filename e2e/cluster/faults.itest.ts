import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { breakAndMend } from '../distributed/testing/break-and-mend.ts';
import { Truth } from '../distributed/testing/truth.ts';
import { foundCluster, spared } from './found/found-by.ts';
import { intervals } from './testing/cdn-ground.ts';
import { type Allowed, type Fault, type Length, nothing } from './testing/faults/fault.ts';
import { faultsOfControlPlane } from './testing/faults/of-control-plane.ts';
import { faultsOfNodes } from './testing/faults/of-nodes.ts';
import { faultsOfPods } from './testing/faults/of-pods.ts';
import { faultsOfRelease } from './testing/faults/of-release.ts';
import { faultsOfTrafficOps, withoutTrafficOps } from './testing/faults/of-traffic-ops.ts';
import { RouterView, type Sight } from './testing/faults/router-view.ts';
import { Stage, size } from './testing/faults/stage.ts';
import { document, type Row, table } from './testing/faults/table.ts';
import { whyNoProvingCluster } from './testing/open-cluster.ts';

const missing = whyNoProvingCluster();
if (missing !== null) console.log(`SKIPPED: faults of every kind: ${missing}`);

const length: Length = process.env['FAULTS'] === 'full' ? 'full' : 'short';
/** Of the faults only those with this in their names, while one is being worked on. */
const only = process.env['FAULTS_ONLY'];
const mayWrite =
  (length === 'full' || process.env['FAULTS_WRITE'] === 'yes') && only === undefined && foundCluster === null;
/**
 * A failed cache may be told as available for so long: until it is polled, that poll's deadline, two turns of asking
 * (within its group, and from the other groups), and what results wait to be taken in.
 */
const boundMs = intervals.health + intervals.timeout + 2 * intervals.peers + 500;
/** Each turn may wait for the answer of a monitor that has just gone: `http_timeout_ms`. */
const goneMs = 2 * 2000;
const figuresFile = path.join(import.meta.dirname, '../../docs/faults.md');

const ofCluster = [...faultsOfNodes, ...faultsOfPods, ...faultsOfControlPlane];
const faults = [
  ...ofCluster,
  ...faultsOfTrafficOps,
  ...faultsOfRelease,
  ...[...ofCluster, ...faultsOfRelease].map(withoutTrafficOps),
].filter((fault) => (fault.only ?? length) === length && (only === undefined || fault.name.includes(only)));

describe('a router that asks the Service ten times a second', {
  skip: missing ?? false,
  timeout: length === 'full' ? 5_400_000 : 900_000,
}, () => {
  let stage: Stage;
  let truth: Truth;
  let view: RouterView;
  let isOver = false;
  let firstAnswerMs = 0;
  let breaking: Promise<void> = Promise.resolve();
  const rows: Row[] = [];

  const meet = async (fault: Fault): Promise<void> => {
    const startMs = performance.now();
    view.begin();
    let allowed: Allowed = nothing;
    try {
      allowed = await fault.run(stage, length);
      await stage.settle();
    } finally {
      await sleep(boundMs);
      const row = { fault, allowed, sight: view.sight(), tookMs: performance.now() - startMs };
      rows.push(row);
      console.log(table([row]).split('\n').at(-1));
    }
    const problems = problemsOf(rows.at(-1));
    for (const problem of problems) console.log(`${fault.name}: ${problem}`);
    assert.deepEqual(problems, []);
  };

  before(async () => {
    const startMs = performance.now();
    stage = await Stage.open();
    truth = new Truth(stage.ground.cdn);
    await stage.until('the first answer through the Service', async () => {
      const ask = await stage.routerService();
      return ask !== null && (await ask('/publish/CrStates', 2000)).status === 200;
    });
    firstAnswerMs = performance.now() - stage.ground.installBeganMs;
    console.log(`cluster after ${seconds(stage.ground.installBeganMs - startMs)}`);
    console.log(`from helm install to the first 200 through the Service: ${seconds(firstAnswerMs)}`);
    await stage.settle();
    console.log(`settled after ${seconds(performance.now() - startMs)}`);
    const caches = stage.ground.cdn.world.caches.map(({ name }) => name);
    const ask = await stage.routerService();
    assert.ok(ask !== null);
    view = new RouterView({
      ask,
      truth,
      caches,
      recoveredAfterMs: boundMs,
      pollTimeoutMs: intervals.timeout,
    });
    view.start();
    breaking = breakAndMend(truth, caches, () => isOver);
  });

  after(async () => {
    isOver = true;
    await breaking;
    await view?.stop();
    console.log(table(rows));
    if (mayWrite)
      fs.writeFileSync(figuresFile, document(rows, { caches: size.edges, length, firstAnswerMs }));
    await stage?.ground.close();
  });

  for (const fault of faults) {
    const skip = fault.onlyOnOwn === true && spared(fault.name);
    test(`sees nothing of: ${fault.name}`, { skip }, () => meet(fault));
  }

  test('is what helm test tries as well', async () => {
    assert.match(await stage.ground.helm('test'), /Succeeded/);
  });

  test('is told to go elsewhere in time: after helm uninstall only definition, Secret and nothing else is left', async () => {
    await view.stop();
    await stage.uninstall();
    const definition = 'CustomResourceDefinition trafficmonitorgroups.trafficcontrol.cdn';
    assert.deepEqual(await stage.leftovers(), [
      ...(stage.ground.cluster.needsDefinition ? [definition] : []),
      'Secret traffic-ops',
    ]);
  });
});

/** What a router should not have seen; nothing when all is well. */
function problemsOf(row: Row | undefined): readonly string[] {
  if (row === undefined) return ['nothing was seen'];
  const { sight, fault } = row;
  const { share, withinMs } = row.allowed;
  const detectionMs = boundMs + (fault.takesMonitors === true ? goneMs : 0) + sight.heldUpMs;
  const lateMs = withinMs + sight.heldUpMs;
  const late = sight.refusals.filter(({ afterMs }) => afterMs > lateMs);
  const early = sight.refusals.length - late.length;
  // Kubernetes deals out questions by chance: four standard deviations more than the share.
  const asked = (lateMs / 1000) * 10;
  const most = share === 0 ? 0 : asked * share + 4 * Math.sqrt(asked * share * (1 - share));
  const told = (refusals: Sight['refusals']): string =>
    refusals
      .slice(0, 5)
      .map(({ afterMs, what }) => `${what} after ${seconds(afterMs)}`)
      .join('; ');
  return [
    ...(early > most ? [`${early} without 200, at most ${most.toFixed(0)}: ${told(sight.refusals)}`] : []),
    ...(late.length > 0 ? [`${late.length} without 200 later than allowed: ${told(late)}`] : []),
    ...(sight.wrongs > 0
      ? [`${sight.wrongs} times a healthy cache was unavailable: ${sight.wrongWhere.join(', ')}`]
      : []),
    ...(sight.slowestMs > detectionMs
      ? [`${sight.slowestWhere} had failed for ${seconds(sight.slowestMs)} and was told as available`]
      : []),
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
