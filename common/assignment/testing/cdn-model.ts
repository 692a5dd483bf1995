import fc from 'fast-check';
import { type CachegroupName, cdnName, type GroupName, groupName } from '../../ids.ts';
import { assign } from '../assign.ts';
import type { CachegroupPlace } from '../closest.ts';
import { decodeAssignment } from '../decode-document.ts';
import type { AssignmentDocument } from '../document.ts';
import { isOnDuty } from '../duty.ts';
import { encodeAssignment } from '../encode-document.ts';
import { type Ownership, ownershipIn, planHandover } from '../handover.ts';
import { type Plan, plannedIn, type Strategy } from '../plan.ts';
import { assignable, place } from './plan-inputs.ts';

const TIMES = { failoverAfterMs: 100, failbackAfterMs: 200 };
const TIMEOUT_MS = 500;

/** What happens between two looks of the operator. */
export type CdnHappening =
  | {
      readonly kind: 'dies' | 'returns' | 'applies and polls' | 'is made' | 'is deleted';
      readonly group: number;
    }
  | { readonly kind: 'time passes'; readonly ms: number }
  | { readonly kind: 'cachegroups'; readonly count: number }
  | { readonly kind: 'operator starts anew' };

const kinds = ['dies', 'returns', 'applies and polls', 'is made', 'is deleted'] as const;

export const cdnHistories: fc.Arbitrary<CdnHappening[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom(...kinds), group: fc.nat({ max: 4 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('time passes' as const), ms: fc.nat({ max: 300 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('cachegroups' as const), count: fc.nat({ max: 12 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'operator starts anew' as const }) },
  ),
  { minLength: 1, maxLength: 60 },
);

interface ModelGroup {
  readonly longitude: number;
  live: boolean;
  sinceMs: number;
  wasOnDuty: boolean;
  deleted: boolean;
  polledRevision: number;
  readonly polled: Set<CachegroupName>;
}

/** A CDN whose operator plans and hands over, and whose monitors do as the newest document says when it is their turn. */
export class CdnModel {
  readonly groups = new Map<GroupName, ModelGroup>();
  cachegroups: CachegroupPlace[];
  readonly #strategy: Strategy;
  #nowMs = 0;
  #previous: Pick<Plan, 'homes' | 'owners'> | null = null;
  #ownership: Ownership = { revision: 0, owners: new Map(), pending: [] };
  #document: AssignmentDocument | null = null;

  constructor(strategy: Strategy, groups: number, cachegroups: number) {
    this.#strategy = strategy;
    this.cachegroups = cachegroupsOf(cachegroups);
    for (let i = 0; i < groups; i++) this.happen({ kind: 'is made', group: i });
    this.look();
  }

  happen(happening: CdnHappening): void {
    if (happening.kind === 'time passes') this.#nowMs += happening.ms;
    else if (happening.kind === 'cachegroups') this.cachegroups = cachegroupsOf(happening.count);
    else if (happening.kind === 'operator starts anew') this.#startAnew();
    else this.#happenTo(groupName(`group-${happening.group}`), happening.kind, happening.group * 40);
  }

  /** One turn of the operator: what it knows → plan → hand-overs → document. */
  look(): { readonly changed: boolean; readonly plan: Plan } {
    for (const group of this.groups.values()) group.wasOnDuty = isOnDuty(group, TIMES, this.#nowMs);
    const plan = assign({
      groups: [...this.groups]
        .filter(([, { deleted }]) => !deleted)
        .map(([name, { longitude, wasOnDuty }]) =>
          assignable(
            { name, coordinates: { latitude: 0, longitude } },
            { strategy: this.#strategy, onDuty: wasOnDuty },
          ),
        ),
      cachegroups: this.cachegroups,
      previous: this.#previous,
    });
    const { next, changed } = planHandover({
      current: this.#ownership,
      desired: plan.owners,
      progress: new Map(
        [...this.groups].map(([name, { live, polledRevision }]) => [
          name,
          { live, polledRevision, handoverTimeoutMs: TIMEOUT_MS },
        ]),
      ),
      nowMs: this.#nowMs,
    });
    this.#previous = plan;
    this.#ownership = next;
    for (const [name, { deleted }] of this.groups)
      if (deleted && this.cachegroupsOf(name).length === 0) this.groups.delete(name);
    this.#document = this.#documentOf(plan);
    return { changed, plan };
  }

  ownersOf(cachegroup: CachegroupName): readonly GroupName[] {
    return this.#ownership.owners.get(cachegroup) ?? [];
  }

  cachegroupsOf(group: GroupName): CachegroupName[] {
    return [...this.#ownership.owners].filter(([, owners]) => owners.includes(group)).map(([name]) => name);
  }

  get handovers(): number {
    return this.#ownership.pending.length;
  }

  /** The cachegroups that a live owner has polled. */
  get polled(): Set<CachegroupName> {
    const isPolled = (cachegroup: CachegroupName) =>
      this.ownersOf(cachegroup).some((owner) => {
        const group = this.groups.get(owner);
        return group?.live === true && group.polled.has(cachegroup);
      });
    return new Set(this.cachegroups.map(({ name }) => name).filter(isPolled));
  }

  #happenTo(name: GroupName, kind: (typeof kinds)[number], longitude: number): void {
    const group = this.groups.get(name);
    if (kind === 'is made' && group === undefined)
      this.groups.set(name, {
        longitude,
        live: true,
        sinceMs: this.#nowMs,
        wasOnDuty: true,
        deleted: false,
        polledRevision: 0,
        polled: new Set(),
      });
    if (group === undefined) return;
    if (kind === 'is deleted') group.deleted = true;
    if (kind === 'dies' && group.live) {
      Object.assign(group, { live: false, sinceMs: this.#nowMs, polledRevision: 0 });
      group.polled.clear();
    }
    if (kind === 'returns' && !group.live) Object.assign(group, { live: true, sinceMs: this.#nowMs });
    if (kind === 'applies and polls' && group.live) {
      group.polled.clear();
      for (const cachegroup of this.cachegroupsOf(name)) group.polled.add(cachegroup);
      group.polledRevision = this.#ownership.revision;
    }
  }

  #documentOf(plan: Plan): AssignmentDocument | null {
    const [group] = this.groups.keys();
    if (group === undefined || this.#ownership.revision === 0) return null;
    return {
      version: 1,
      revision: this.#ownership.revision,
      cdn: cdnName('cdn'),
      group,
      redundancy: 'All',
      groups: [...this.groups.keys()].map((name) => ({
        name,
        cachegroups: this.cachegroupsOf(name),
        members: [],
      })),
      handovers: this.#ownership.pending.map(({ cachegroup, from, to }) => ({ cachegroup, from, to })),
      failovers: plan.failovers,
    };
  }

  /** All that the operator knows afterwards is the document; nobody tells it how long groups have been as they are. */
  #startAnew(): void {
    if (this.#document === null) return;
    const document = decodeAssignment(encodeAssignment(this.#document));
    this.#previous = plannedIn(document);
    this.#ownership = ownershipIn(document, this.#nowMs);
    const down = new Set(document.failovers.map(({ home }) => home));
    for (const [name, group] of this.groups)
      Object.assign(group, { sinceMs: this.#nowMs, wasOnDuty: !down.has(name) });
  }
}

const cachegroupsOf = (count: number): CachegroupPlace[] =>
  Array.from({ length: count }, (_, i) => place(`cg-${i}`, (i * 53) % 180));
