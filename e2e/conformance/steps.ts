import { setTimeout as sleep } from 'node:timers/promises';
import {
  isEqual,
  isObject,
  type JsonObject,
  lookUp,
  mergePatch,
  parseJson,
  patchMonitoring,
} from './json.ts';
import {
  observeAnswer,
  observeFile,
  observeLines,
  observeSample,
  observeSeen,
  observeToSeen,
} from './observe.ts';
import type { Check, Fetch, FetchAll, Polls, Step, Until, WaitFor } from './scenario.ts';
import { World, type WorldOptions } from './world.ts';

/** Looks once more at what a check looks at. */
export type Observe = () => Promise<JsonObject>;

/** Is told each check when its turn comes. */
export type OnCheck = (check: Check, observe: Observe, world: World) => Promise<void>;

const defaultTimeLimitMs = 45_000;
const pollEveryMs = 50;
const settleMs = 80;

/**
 * Runs a scenario once: builds its world, starts the monitor and walks through the steps.
 * Gives what the monitor wrote; `failure` is why the run did not get to its end.
 */
export async function runScenario(
  directory: string,
  options: WorldOptions,
  onCheck: OnCheck,
): Promise<{ output: string; failure: Error | null }> {
  const world = await World.create(directory, options);
  const limitMs = world.scenario.timeoutMs ?? defaultTimeLimitMs;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`the scenario took longer than ${limitMs} ms`);
    world.abort.abort(error);
    reject(error);
  }, limitMs);
  let failure: Error | null = null;
  try {
    await Promise.race([walk(world, onCheck), late]);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(timer);
    await world.destroy();
  }
  return { output: world.output, failure };
}

async function walk(world: World, onCheck: OnCheck): Promise<void> {
  await world.build();
  if (world.scenario.autostart !== false) world.startMonitor();
  const walker = new Walker(world, onCheck);
  for (const step of world.scenario.steps) {
    world.checkAlive();
    await walker.take(step);
  }
}

class Walker {
  readonly #world: World;
  readonly #onCheck: OnCheck;
  /** The highest event index at the last `markEvents`. */
  #mark = -1;

  constructor(world: World, onCheck: OnCheck) {
    this.#world = world;
    this.#onCheck = onCheck;
  }

  async take(step: Step): Promise<void> {
    const world = this.#world;
    switch (step.do) {
      case 'start':
        return world.startMonitor();
      case 'stop':
        return world.stopMonitor();
      case 'ready':
      case 'waitFor':
        return this.#waitFor(step);
      case 'until':
        return this.#until(step);
      case 'polls':
        return this.#polls(step);
      case 'toPolls':
        return this.#trafficOpsPolls(step.count ?? 1, step.timeoutMs ?? 8000, step.settleMs ?? settleMs);
      case 'sleep':
        return this.#sleep(step.ms);
      case 'phase':
        for (const name of [step.actor].flat()) await world.actor(name).setPhase(step.to);
        return;
      case 'monitoring':
        world.trafficOps.monitoring = patchMonitoring(world.trafficOps.monitoring, this.#filled(step.patch));
        return;
      case 'snapshot':
        world.trafficOps.snapshot = mergePatch(world.trafficOps.snapshot, this.#filled(step.patch));
        return;
      case 'trafficOps':
        return world.trafficOps.setMode(step.mode);
      case 'markEvents':
        return this.#markEvents();
      case 'fetchAll':
        for (const check of eachFetch(step)) await this.#check(check, () => this.#observe(check));
        return;
      case 'sample': {
        // Sampling takes place once; what was seen cannot be looked at again.
        const sampled = await observeSample(world, step);
        return this.#check(step, async () => sampled);
      }
      default:
        return this.#check(step, () => this.#observe(step));
    }
  }

  async #observe(check: Exclude<Check, { do: 'sample' }>): Promise<JsonObject> {
    switch (check.do) {
      case 'fetch':
        return observeAnswer(this.#world, check, this.#mark);
      case 'seen':
        return observeSeen(this.#world, check);
      case 'toSeen':
        return observeToSeen(this.#world, check);
      case 'file':
        return observeFile(this.#world, check);
      case 'lines':
        return observeLines(this.#world, check);
      default:
        throw new Error(`unknown step ${JSON.stringify(check satisfies never)}`);
    }
  }

  #check(check: Check, observe: Observe): Promise<void> {
    return this.#onCheck(check, observe, this.#world);
  }

  #filled(patch: JsonObject): JsonObject {
    const filled = this.#world.fill(patch);
    return isObject(filled) ? filled : {};
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#world.abort.signal });
  }

  /** Polls until `look` gives null; otherwise it gives what was there instead, for the error message. */
  async #pollUntil(what: string, limitMs: number, look: () => Promise<string | null>): Promise<void> {
    const end = performance.now() + limitMs;
    for (;;) {
      this.#world.abort.signal.throwIfAborted();
      this.#world.checkAlive();
      const instead = await look();
      if (instead === null) return;
      if (performance.now() > end) {
        throw new Error(`waited ${limitMs} ms in vain: ${what} (last: ${instead})`);
      }
      await this.#sleep(pollEveryMs);
    }
  }

  #waitFor(step: WaitFor): Promise<void> {
    const request = { ...step, route: step.route ?? '/publish/CrStates' };
    const wanted = step.status ?? 200;
    return this.#pollUntil(`${request.route} to answer ${wanted}`, step.timeoutMs ?? 15_000, async () => {
      const reply = await this.#world.request(request);
      if (reply.failed !== undefined) return reply.failed;
      return reply.status === wanted ? null : String(reply.status);
    });
  }

  #until(step: Until): Promise<void> {
    const wanted = step.matches ?? JSON.stringify(step.equals);
    const what = `${step.route} ${step.pointer} to be ${wanted}`;
    return this.#pollUntil(what, step.timeoutMs ?? 8000, async () => {
      const reply = await this.#world.request(step);
      if (reply.failed !== undefined) return reply.failed;
      const document = parseJson(reply.body.toString());
      if (document === undefined) return reply.body.toString().slice(0, 80);
      const value = lookUp(document, step.pointer) ?? null;
      const fits =
        step.matches === undefined
          ? isEqual(value, step.equals)
          : typeof value === 'string' && new RegExp(step.matches).test(value);
      return fits ? null : JSON.stringify(value);
    });
  }

  async #polls(step: Polls): Promise<void> {
    const names = step.actors ?? Object.keys(this.#world.scenario.caches ?? {});
    const goals = names.flatMap((name) => {
      const actor = this.#world.actor(name);
      return (['stat', 'health', 'any'] as const).flatMap((kind) => {
        const more = step[kind];
        return more === undefined ? [] : [{ actor, kind, goal: actor.polls(kind) + more }];
      });
    });
    await this.#pollUntil(`polls of ${names.join(', ')}`, step.timeoutMs ?? 12_000, async () => {
      const short = goals.filter(({ actor, kind, goal }) => actor.polls(kind) < goal);
      if (short.length === 0) return null;
      return short
        .map(({ actor, kind, goal }) => `${actor.name} ${kind} ${actor.polls(kind)}/${goal}`)
        .join(', ');
    });
    await this.#sleep(step.settleMs ?? settleMs);
  }

  async #trafficOpsPolls(count: number, limitMs: number, settle: number): Promise<void> {
    const asked = (): number => this.#world.trafficOps.counts.get('monitoring') ?? 0;
    const goal = asked() + count;
    await this.#pollUntil('Traffic Ops to be asked', limitMs, async () =>
      asked() >= goal ? null : `${asked()}/${goal}`,
    );
    await this.#sleep(settle);
  }

  async #markEvents(): Promise<void> {
    this.#mark = -1;
    const reply = await this.#world.request({ route: '/publish/EventLog' });
    if (reply.failed !== undefined) return;
    const document = parseJson(reply.body.toString());
    const events = isObject(document) ? document['events'] : undefined;
    if (!Array.isArray(events)) return;
    const indexes = events.filter(isObject).map((event) => Number(event['index']));
    this.#mark = Math.max(-1, ...indexes);
  }
}

/** The checks of a `fetchAll`: ids are the prefix and the route or its own id. */
function eachFetch({ prefix, routes, ...common }: FetchAll): Fetch[] {
  return routes.map((one) => {
    const { id, ...request } = typeof one === 'string' ? { route: one } : one;
    const told = request.method === undefined ? request.route : `${request.method} ${request.route}`;
    return { ...common, ...request, do: 'fetch', id: `${prefix}${id ?? slug(told)}` };
  });
}

function slug(text: string): string {
  const name = text.replace(/^\//, '').replace(/[^A-Za-z0-9._-]+/g, '_');
  return name.replace(/^_+|_+$/g, '') || 'root';
}
