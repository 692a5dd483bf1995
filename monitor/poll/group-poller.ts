import type { GroupName, MonitorName } from '../../common/ids.ts';
import { stableHash } from '../../common/stable-hash.ts';
import type { FetchOutcome } from './exchange.ts';
import { MemberTurns } from './member-turns.ts';
import { PeerConnection } from './peer-connection.ts';
import type { PeerManner } from './peer-poller.ts';
import { Schedule } from './schedule.ts';

/** Another group, and how its members are asked. */
export interface AskedGroup {
  readonly name: GroupName;
  readonly members: readonly { readonly name: MonitorName; readonly url: string }[];
}

/** One question to a member of another group that ended. */
export interface GroupAnswer {
  readonly group: GroupName;
  readonly member: MonitorName;
  readonly url: string;
  /** ms since the epoch. */
  readonly endMs: number;
  readonly durationMs: number;
  readonly outcome: FetchOutcome;
  /** Of a failure: no other member is left that could be expected to answer, so the group is out of reach. */
  readonly isGroupSilent: boolean;
}

export interface GroupPollerOptions {
  readonly userAgent: string;
  /** Keeps the turns of two monitors apart. */
  readonly seed: string;
  readonly onAnswer: (answer: GroupAnswer) => void;
}

export type GroupManner = PeerManner;

interface Asked {
  readonly group: AskedGroup;
  readonly key: string;
  readonly turns: MemberTurns;
  readonly connections: Map<string, PeerConnection>;
}

/** Asks one member of each other group once an interval, in turn: reference 7.7. A dead member costs no turn. */
export class GroupPoller {
  readonly #options: GroupPollerOptions;
  readonly #asked = new Map<string, Asked>();
  #manner: GroupManner | null = null;
  #schedule: Schedule | null = null;

  constructor(options: GroupPollerOptions) {
    this.#options = options;
  }

  /** Asks these groups from now on; one that did not change goes on undisturbed. */
  apply(groups: readonly AskedGroup[], manner: GroupManner): void {
    const schedule = this.#scheduleFor(manner);
    const wanted = new Map<string, AskedGroup>(groups.map((group) => [group.name, group]));
    for (const [name, { key }] of this.#asked) {
      const group = wanted.get(name);
      if (group === undefined || JSON.stringify(group) !== key) this.#drop(name, schedule);
    }
    for (const [name, group] of wanted) {
      if (this.#asked.has(name) || group.members.length === 0) continue;
      const names = group.members.map((member) => member.name);
      const turns = new MemberTurns(names, stableHash(`${this.#options.seed} ${name}`));
      this.#asked.set(name, { group, key: JSON.stringify(group), turns, connections: new Map() });
      schedule.add(name);
    }
  }

  /** Whether a member answered when it was asked last, or was not asked yet. */
  isAnswering(member: MonitorName): boolean {
    return [...this.#asked.values()].some(({ turns }) => turns.isAnswering(member));
  }

  stop(): void {
    this.#schedule?.stop();
    this.#schedule = null;
    this.#manner = null;
    for (const asked of this.#asked.values()) hangUp(asked);
    this.#asked.clear();
  }

  #scheduleFor(manner: GroupManner): Schedule {
    if (this.#schedule !== null && JSON.stringify(manner) === JSON.stringify(this.#manner))
      return this.#schedule;
    this.stop();
    const { seed } = this.#options;
    const schedule = new Schedule({
      intervalMs: manner.intervalMs,
      seed,
      onTurn: (name) => this.#takeTurn(name),
    });
    schedule.start();
    this.#manner = manner;
    this.#schedule = schedule;
    return schedule;
  }

  #drop(name: string, schedule: Schedule): void {
    const asked = this.#asked.get(name);
    if (asked === undefined) return;
    hangUp(asked);
    schedule.remove(name);
    this.#asked.delete(name);
  }

  #takeTurn(name: string): void {
    const asked = this.#asked.get(name);
    if (asked === undefined) return;
    for (const member of asked.turns.take()) this.#ask(asked, member);
  }

  #ask(asked: Asked, memberName: string): void {
    const member = asked.group.members.find(({ name }) => name === memberName);
    if (member === undefined || this.#manner === null) return;
    const connection = asked.connections.get(memberName) ?? this.#connect(member.url, this.#manner);
    asked.connections.set(memberName, connection);
    const startMs = performance.now();
    connection.fetch((outcome) => {
      const { group, turns } = asked;
      const instead = outcome.kind === 'answer' ? null : turns.failed(memberName);
      if (outcome.kind === 'answer') turns.answered(memberName);
      this.#options.onAnswer({
        group: group.name,
        member: member.name,
        url: member.url,
        endMs: Date.now(),
        durationMs: performance.now() - startMs,
        outcome,
        isGroupSilent: !turns.isHopeful,
      });
      if (instead !== null) this.#ask(asked, instead);
    });
  }

  #connect(url: string, manner: GroupManner): PeerConnection {
    const { intervalMs, timeoutMs, accept, maxBodyBytes, keepAlive } = manner;
    const { userAgent } = this.#options;
    // A member's turn comes once in so many intervals as its group has members; ten are many.
    const idleMs = Math.max(60_000, intervalMs * 20);
    return new PeerConnection({ url, accept, userAgent, timeoutMs, maxBodyBytes, keepAlive, idleMs });
  }
}

function hangUp({ connections }: Asked): void {
  for (const connection of connections.values()) connection.close();
}
