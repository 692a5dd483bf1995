import fs from 'node:fs';
import path from 'node:path';
import type { ActorSpec, PollKind } from './actor.ts';
import type { Json, JsonObject } from './json.ts';
import type { RequestKind, TrafficOpsMode, TrafficOpsSpec } from './traffic-ops.ts';

/** A scenario as its `scenario.json` says it; the README explains the fields. */
export interface Scenario {
  readonly about?: string;
  readonly timeoutMs?: number;
  readonly monitor?: {
    readonly hostname?: string;
    readonly tmCfg?: JsonObject;
    readonly opsCfg?: JsonObject;
  };
  readonly trafficOps: TrafficOpsSpec;
  readonly https?: boolean;
  readonly backups?: { readonly crconfig?: Json; readonly tmconfig?: Json };
  readonly caches?: Readonly<Record<string, ActorSpec>>;
  readonly peers?: Readonly<Record<string, ActorSpec>>;
  readonly monitoring?: Json;
  readonly snapshot?: Json;
  /** False: the monitor starts by a `start` step. */
  readonly autostart?: boolean;
  readonly steps: readonly Step[];
}

/** One request to the monitor. */
export interface MonitorRequest {
  readonly route: string;
  readonly method?: string;
  readonly scheme?: 'http' | 'https';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Which parts of an answer are looked at. */
export interface AnswerView {
  readonly showHeaders?: readonly string[];
  readonly bodyless?: boolean;
  readonly events?: 'last' | 'marked';
}

/** What every check has: its name, and how long it is tried again. */
interface CheckBase {
  readonly id: string;
  readonly quirk?: string;
  readonly retryMs?: number;
}

export type Fetch = CheckBase & MonitorRequest & AnswerView & { readonly do: 'fetch' };

export type FetchAll = Omit<Fetch, 'do' | 'id' | 'route'> & {
  readonly do: 'fetchAll';
  readonly prefix: string;
  readonly routes: readonly (string | (MonitorRequest & { readonly id?: string }))[];
};

export type Sample = CheckBase &
  MonitorRequest & {
    readonly do: 'sample';
    readonly pointers: readonly string[];
    readonly untilPointer: string;
    readonly untilEquals: Json;
    readonly timeoutMs?: number;
    readonly everyMs?: number;
  };

export type Seen = CheckBase & {
  readonly do: 'seen';
  readonly actor: string;
  readonly last?: number;
  readonly showVia?: boolean;
  readonly showHeaders?: readonly string[];
};

export type ToSeen = CheckBase & { readonly do: 'toSeen'; readonly counts: readonly RequestKind[] };
export type FileCheck = CheckBase & { readonly do: 'file'; readonly name: string };
export type LinesCheck = CheckBase & {
  readonly do: 'lines';
  readonly name: string;
  /** Name → regular expression. */
  readonly patterns: Readonly<Record<string, string>>;
};

/** A step that looks at something and compares it with what was recorded. */
export type Check = Fetch | Sample | Seen | ToSeen | FileCheck | LinesCheck;

export type WaitFor = Partial<MonitorRequest> & {
  readonly do: 'ready' | 'waitFor';
  readonly status?: number;
  readonly timeoutMs?: number;
};

export type Until = MonitorRequest & {
  readonly do: 'until';
  readonly pointer: string;
  readonly equals?: Json;
  readonly matches?: string;
  readonly timeoutMs?: number;
};

export type Polls = { readonly [kind in PollKind]?: number } & {
  readonly do: 'polls';
  readonly actors?: readonly string[];
  readonly timeoutMs?: number;
  readonly settleMs?: number;
};

export type Step =
  | Check
  | FetchAll
  | WaitFor
  | Until
  | Polls
  | {
      readonly do: 'toPolls';
      readonly count?: number;
      readonly timeoutMs?: number;
      readonly settleMs?: number;
    }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'phase'; readonly actor: string | readonly string[]; readonly to: string }
  | { readonly do: 'monitoring' | 'snapshot'; readonly patch: JsonObject }
  | { readonly do: 'trafficOps'; readonly mode: TrafficOpsMode | 'expire' }
  | { readonly do: 'markEvents' | 'start' | 'stop' };

/** Reads the scenario of a directory. */
export function readScenario(directory: string): Scenario {
  return JSON.parse(fs.readFileSync(path.join(directory, 'scenario.json'), 'utf8')) as Scenario;
}

/** The directories below `folder` that hold a scenario, by name. */
export function findScenarios(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name))
    .filter((directory) => fs.existsSync(path.join(directory, 'scenario.json')));
}
