import { setTimeout as sleep } from 'node:timers/promises';
import { direct } from './director.ts';
import type { MonitorView } from './monitor-view.ts';
import type { Narrator } from './narrator.ts';
import { planScenario } from './scenario-script.ts';
import type { SimulatedCdn } from './simulated-cdn.ts';

export interface StoryOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly ending: AbortController;
}

/** A monitor that is listened to, and what the story calls it. */
export interface Witness {
  readonly name: string;
  readonly view: MonitorView;
}

/**
 * Lets things go wrong and tells what monitors say of them, until time is over or `ending` is aborted. `witnessesNow`
 * is asked again and again: the monitors that are listened to may be killed.
 */
export async function tellStory(
  cdn: SimulatedCdn,
  narrator: Narrator,
  witnessesNow: () => readonly Witness[],
  { seed, seconds, ending }: StoryOptions,
): Promise<void> {
  const startedAt = performance.now();
  /** Index of the newest event that was told, for each witness. */
  const told = new Map<MonitorView, number>();
  await Promise.all(witnessesNow().map((witness) => tellNews(witness, told, null)));
  const stop = direct(cdn, planScenario(cdn.world, { seed, seconds }), {
    onStep: (step) => narrator.step(step, performance.now()),
    onNewEdge: (name) => narrator.newEdge(name, performance.now()),
    onError: (error) => {
      console.error('The simulated CDN failed:', error);
      process.exitCode = 1;
      ending.abort();
    },
  });
  try {
    let countedAt = Number.NEGATIVE_INFINITY;
    while (!ending.signal.aborted && performance.now() - startedAt < seconds * 1000) {
      const witnesses = witnessesNow();
      await Promise.all(witnesses.map((witness) => tellNews(witness, told, narrator)));
      if (performance.now() - countedAt > 3000 && !ending.signal.aborted) {
        countedAt = performance.now();
        narrator.counts((await witnesses[0]?.view.counts()) ?? null, countedAt);
      }
      await pause(narrator.awaiting ? 25 : 250, ending.signal);
    }
  } finally {
    stop();
  }
}

/** What a monitor has found before it was listened to is no news, nor is anything while `narrator` is null. */
async function tellNews(
  { name, view }: Witness,
  told: Map<MonitorView, number>,
  narrator: Narrator | null,
): Promise<void> {
  const last = told.get(view);
  if (last === undefined && !(await view.isReady())) return;
  const news = await view.eventsAfter(last ?? -1);
  told.set(view, news.at(-1)?.index ?? last ?? -1);
  if (last === undefined || narrator === null) return;
  for (const event of news) narrator.event(event, name, performance.now());
}

/** Sleeps; an abort wakes it up and is no error. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Waits until the monitor knows all caches; the reason if it does not in time, null if it does or the demo ends. */
export async function untilReady(
  view: MonitorView,
  withinMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const startedAt = performance.now();
  while (!signal.aborted && !(await view.isReady())) {
    if (performance.now() - startedAt > withinMs) return `did not get ready within ${withinMs / 1000} s`;
    await pause(100, signal);
  }
  return null;
}
