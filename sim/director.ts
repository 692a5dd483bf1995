import type { CacheName } from '../common/ids.ts';
import type { ScenarioAction, ScenarioStep } from './scenario-script.ts';
import type { SimulatedCdn } from './simulated-cdn.ts';

export interface DirectorObserver {
  /** Just before the step is carried out. */
  onStep(step: ScenarioStep): void;
  /** Traffic Ops tells of this cache from now on. */
  onNewEdge(name: CacheName): void;
  onError(error: unknown): void;
}

/** Carries out a planned scenario, each step in its time. Returns the function that stops it. */
export function direct(
  cdn: SimulatedCdn,
  steps: readonly ScenarioStep[],
  observer: DirectorObserver,
): () => void {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const schedule = (index: number) => {
    const step = steps[index];
    if (step === undefined || stopped) return;
    const wait = Math.max(0, startedAt + step.atMs - performance.now());
    timer = setTimeout(() => {
      observer.onStep(step);
      carryOut(cdn, step.action, observer).then(
        () => schedule(index + 1),
        (error: unknown) => {
          if (!stopped) observer.onError(error);
        },
      );
    }, wait);
  };

  schedule(0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function carryOut(
  cdn: SimulatedCdn,
  action: ScenarioAction,
  observer: DirectorObserver,
): Promise<void> {
  switch (action.kind) {
    case 'caches':
      await Promise.all(action.caches.map((name) => cdn.farm.update(name, action.state)));
      break;
    case 'traffic-ops':
      await cdn.trafficOps.setMode(action.mode);
      break;
    case 'add-edge':
      observer.onNewEdge(await cdn.addEdge(action.cachegroup));
      break;
  }
}
