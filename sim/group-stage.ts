import { cdnName, type GroupName, groupName, monitorName } from '../common/ids.ts';
import { ActingOperator } from './acting-operator.ts';
import { listenToControls } from './demo-controls.ts';
import { placeOf, type Stage } from './demo-stage.ts';
import { MonitorFleet, urlOf } from './monitor-fleet.ts';
import { Narrator } from './narrator.ts';
import { SimulatedCdn } from './simulated-cdn.ts';
import { pause, tellStory, untilReady } from './story.ts';
import type { WorldCachegroup, WorldMonitor } from './world-parts.ts';

/** Where each group stands. */
const homes = { amer: 'new-york', emea: 'london', apac: 'tokyo' } as const;
const membersEach = 2;
const readyWithinMs = 90_000;
const lookEveryMs = 500;

/** Short, so that one sees it; the operator's own are longer. */
const times = { failoverAfterMs: 4000, failbackAfterMs: 3000, handoverTimeoutMs: 30_000 };

/** Three groups of two monitors that share the CDN. Resolves with the exit code. */
export async function showGroups(stage: Stage): Promise<number> {
  const { ending } = stage;
  const placed = new Map<GroupName, readonly WorldMonitor[]>();
  for (const [group, city] of Object.entries(homes)) {
    const members: WorldMonitor[] = [];
    for (let ordinal = 0; ordinal < membersEach; ordinal++)
      members.push(placeOf(monitorName(`${group}-${ordinal}`), city, await stage.nextPort()));
    placed.set(groupName(group), members);
  }
  const cdn = await SimulatedCdn.start(stage.cdnWith([...placed.values()].flat()));
  try {
    return await runGroups(stage, cdn, placed);
  } finally {
    ending.abort();
    await cdn.close();
  }
}

async function runGroups(
  stage: Stage,
  cdn: SimulatedCdn,
  placed: ReadonlyMap<GroupName, readonly WorldMonitor[]>,
): Promise<number> {
  const { ending } = stage;
  const lost: string[] = [];
  const groups = new Map(
    [...placed].map(([name, members]) => [
      name,
      members.map(({ name, ip, port }) => ({ name, host: ip, port })),
    ]),
  );
  const fleet = await MonitorFleet.prepare({
    main: stage.main,
    folder: stage.folder,
    trafficOps: cdn.trafficOps,
    groups,
    onLost: (name, how, lastOutput) => {
      lost.push(`The monitor ${name} ${how}. Its last output:\n${lastOutput || '(it said nothing)'}`);
      ending.abort();
    },
  });
  process.once('exit', () => fleet.killAll());
  const { world } = cdn;
  const operator = new ActingOperator(
    cdnName(world.cdn),
    [...groups].map(([name, members]) => ({
      name,
      members,
      coordinates: coordinatesOf(world.cachegroups, name),
    })),
    world.cachegroups.map((each) => ({ name: each.cachegroup, coordinates: each })),
    times,
  );
  const narrator = new Narrator((line) => console.log(line), performance.now());
  const tell = (text: string): string => {
    narrator.note('groups', text, performance.now());
    return text;
  };
  const look = async (): Promise<void> => {
    const { documents, news } = operator.look(await fleet.look(), performance.now());
    if (documents !== null) fleet.assign(documents);
    for (const text of news) tell(text);
  };
  const names = [...groups.keys()];
  const first = operator.look(new Map(names.map((name) => [name, { live: true, polledRevision: null }])), 0);
  if (first.documents !== null) fleet.assign(first.documents);
  console.log(
    `${stage.describe(cdn)}\nTraffic Monitors starting at ${[...groups.values()].flat().map(urlOf).join(' ')}`,
  );
  const controls = await listenToControls({
    kill() {
      const running = names.filter((name) => fleet.isRunning(name));
      const victim = running.at(-1);
      if (victim === undefined || running.length < 2) return tell('the last group is left alone');
      fleet.kill(victim);
      return tell(`group ${victim} is killed, with all of its monitors`);
    },
    bringBack() {
      const down = names.filter((name) => !fleet.isRunning(name));
      for (const name of down) fleet.start(name);
      return tell(down.length === 0 ? 'all groups run' : `started again: ${down.join(', ')}`);
    },
    end: () => ending.abort(),
  });
  try {
    for (const name of names) fleet.start(name);
    const startedAt = performance.now();
    const ready = await Promise.all(
      fleet.running.map(({ view }) => untilReady(view, readyWithinMs, ending.signal)),
    );
    const late = ready.find((reason) => reason !== null);
    if (late !== undefined) lost.push(`A monitor ${late}.`);
    if (lost.length === 0 && !ending.signal.aborted) {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`All of them know all caches after ${seconds} s.\n\n${whatToLookAt(groups, controls)}`);
      const looking = keepLooking(look, ending.signal);
      await tellStory(cdn, narrator, () => fleet.witnesses, stage);
      ending.abort();
      await looking;
    }
  } finally {
    controls.close();
    await fleet.stop();
  }
  for (const text of lost) console.error(`\n${text}`);
  return lost.length === 0 ? 0 : 1;
}

async function keepLooking(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await look();
    await pause(lookEveryMs, signal);
  }
}

function coordinatesOf(cachegroups: readonly WorldCachegroup[], group: GroupName): WorldCachegroup | null {
  const home: string | undefined = (homes as Readonly<Record<string, string>>)[group];
  return cachegroups.find(({ cachegroup }) => cachegroup === home) ?? null;
}

function whatToLookAt(
  groups: ReadonlyMap<GroupName, readonly { readonly host: string; readonly port: number }[]>,
  { url, hasKeys }: { readonly url: string; readonly hasKeys: boolean },
): string {
  const pages = [...groups].map(([name, members]) => {
    const urls = members.map((member) => `${urlOf(member)}/`).join('  ');
    return `          ${name.padEnd(6)} ${urls}`;
  });
  const keys = hasKeys
    ? '          k kills a group, b brings it back, Ctrl-C ends everything.\n'
    : '          Ctrl-C ends everything.\n';
  return (
    `Look at the page of any of them, #groups above all\n${pages.join('\n')}\n` +
    `          curl ${url}/kill    kills a group\n` +
    `          curl ${url}/back    brings it back\n${keys}`
  );
}
