import type { Stage } from './stage.ts';

/** What routers may lose, because nothing can be done about it: questions that are under way to who has just gone. */
export interface Allowed {
  /** Share of the questions that may get no answer, 0 to 1. */
  readonly share: number;
  /** For so long after the fault began, in ms. */
  readonly withinMs: number;
}

export const nothing: Allowed = { share: 0, withinMs: 0 };

/** `short`: what CI can wait for; `full`: as long as the fault would last in earnest. */
export type Length = 'short' | 'full';

/** Something that happens to a CDN's monitors, operator or cluster. */
export interface Fault {
  readonly name: string;
  /** What is done and how it is undone, for people. */
  readonly about: string;
  /** Monitors go meanwhile, and others may wait for the answer of one that has just gone. */
  readonly takesMonitors?: true;
  /** Done to nodes, processes or the control plane, which stay as they are where they are somebody else's. */
  readonly onlyOnOwn?: true;
  /** Left out: in both. */
  readonly only?: Length;
  /** Does it and undoes it, also when it fails on the way. @returns what routers may lose */
  run(stage: Stage, length: Length): Promise<Allowed>;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
