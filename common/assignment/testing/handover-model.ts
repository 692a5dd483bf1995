import fc from 'fast-check';
import { cachegroupName, type GroupName, groupName } from '../../ids.ts';
import { type HandoverStep, type Ownership, planHandover } from '../handover.ts';

const groups: readonly GroupName[] = ['a', 'b', 'c'].map(groupName);
const cachegroup = cachegroupName('cg');

/** What happens before the operator looks again. */
type Happening =
  | { readonly kind: 'dies' | 'returns' | 'applies and polls' | 'desired'; readonly group: GroupName }
  | { readonly kind: 'time passes'; readonly ms: number };

/** What happens, and whether the operator looks before the next thing does. */
export type History = readonly { readonly happening: Happening; readonly seen: boolean }[];

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('dies' as const, 'returns', 'applies and polls', 'applies and polls', 'desired'),
      group: fc.constantFrom(...groups),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('time passes' as const), ms: fc.integer({ min: 1, max: 200 }) }),
  },
);

export const handoverHistories: fc.Arbitrary<History> = fc.array(
  fc.record({ happening, seen: fc.boolean() }),
  { minLength: 1, maxLength: 60 },
);

interface Group {
  live: boolean;
  polledRevision: number;
  /** Whether it polls the cachegroup and knows its caches. */
  polls: boolean;
}

export interface Observed {
  readonly at: number;
  readonly step: HandoverStep;
  readonly desired: GroupName;
  readonly owners: readonly GroupName[];
  /** Whether a live owner knew the caches before and after the step. */
  readonly polledBefore: boolean;
  readonly polledAfter: boolean;
  readonly liveOwner: boolean;
  /** Whether an owner of before or the desired one is live. */
  readonly liveCandidate: boolean;
}

/** Plays a history with monitors that do as the newest document says. Patient: no time-out is ever reached. */
export function runHistory(history: History, mode: 'patient' | 'hasty'): Observed[] {
  const state = new Map(
    groups.map((name) => [name, { live: true, polledRevision: 0, polls: false } as Group]),
  );
  let current: Ownership = { revision: 0, owners: new Map(), pending: [] };
  let [desired] = groups;
  let nowMs = 0;
  return history.flatMap(({ happening: one, seen }, at): Observed[] => {
    if (one.kind === 'time passes') nowMs += one.ms;
    else if (one.kind === 'desired') desired = one.group;
    else happen(state.get(one.group), one, current);
    if (desired === undefined || !seen) return [];
    const before = ownersOf(current);
    const polledBefore = isPolled(before, state);
    const progress = new Map(
      [...state].map(([name, { live, polledRevision }]) => [
        name,
        { live, polledRevision, handoverTimeoutMs: mode === 'hasty' ? 100 : Infinity },
      ]),
    );
    const step = planHandover({ current, desired: new Map([[cachegroup, desired]]), progress, nowMs });
    current = step.next;
    const owners = ownersOf(current);
    for (const [name, group] of state) if (!owners.includes(name)) group.polls = false;
    const isLive = (name: GroupName) => state.get(name)?.live === true;
    return [
      {
        at,
        step,
        desired,
        owners,
        polledBefore,
        polledAfter: isPolled(owners, state),
        liveOwner: owners.some(isLive),
        liveCandidate: [...before, desired].some(isLive),
      },
    ];
  });
}

function happen(
  group: Group | undefined,
  { kind, group: name }: Exclude<Happening, { ms: number }>,
  current: Ownership,
): void {
  if (group === undefined) return;
  if (kind === 'returns') group.live = true;
  if (kind === 'dies') Object.assign(group, { live: false, polls: false, polledRevision: 0 });
  if (kind === 'applies and polls' && group.live) {
    group.polls = ownersOf(current).includes(name);
    group.polledRevision = current.revision;
  }
}

const ownersOf = ({ owners }: Ownership): readonly GroupName[] => owners.get(cachegroup) ?? [];

function isPolled(owners: readonly GroupName[], state: ReadonlyMap<GroupName, Group>): boolean {
  return owners.some((name) => state.get(name)?.live === true && state.get(name)?.polls === true);
}
