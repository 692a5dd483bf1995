import type { GroupName, MonitorName } from '../../common/ids.ts';
import { stableHash } from '../../common/stable-hash.ts';
import type { FetchOutcome } from './exchange.ts';
import { MemberTurns } from './member-turns.ts';
import type { PeerConnection } from './peer-connection.ts';
import { connectPeer, PeerLoop, type PeerManner } from './peer-loop.ts';

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

interface Asked {
  readonly group: AskedGroup;
  readonly manner: PeerManner;
  readonly turns: MemberTurns;
  readonly connections: Map<string, PeerConnection>;
  isClosed: boolean;
  close(): void;
}

/** A member's turn comes once in so many intervals as its group has members; ten are many. */
const KEPT_INTERVALS = 20;

/** Asks one member of each other group once an interval, in turn: reference 7.7. A dead member costs no turn. */
export class GroupPoller {
  readonly #options: GroupPollerOptions;
  readonly #loop: PeerLoop<Asked>;

  constructor(options: GroupPollerOptions) {
    this.#options = options;
    this.#loop = new PeerLoop({ seed: options.seed, onTurn: (asked) => this.#takeTurn(asked) });
  }

  /** Asks these groups from now on; one that did not change goes on undisturbed. */
  apply(groups: readonly AskedGroup[], manner: PeerManner): void {
    this.#loop.apply(
      groups
        .filter(({ members }) => members.length > 0)
        .map((group) => ({
          name: group.name,
          key: JSON.stringify(group),
          begin: () => this.#begin(group, manner),
        })),
      manner,
    );
  }

  /** Whether a member answered when it was asked last, or was not asked yet. */
  isAnswering(member: MonitorName): boolean {
    return this.#loop.members.some(({ turns }) => turns.isAnswering(member));
  }

  stop(): void {
    this.#loop.stop();
  }

  #begin(group: AskedGroup, manner: PeerManner): Asked {
    const names = group.members.map(({ name }) => name);
    const turns = new MemberTurns(names, stableHash(`${this.#options.seed} ${group.name}`));
    const connections = new Map<string, PeerConnection>();
    return {
      group,
      manner,
      turns,
      connections,
      isClosed: false,
      close() {
        this.isClosed = true;
        for (const connection of connections.values()) connection.close();
      },
    };
  }

  #takeTurn(asked: Asked): void {
    for (const member of asked.turns.take()) this.#ask(asked, member);
  }

  #ask(asked: Asked, memberName: string): void {
    const member = asked.group.members.find(({ name }) => name === memberName);
    if (member === undefined || asked.isClosed) return;
    const connection = asked.connections.get(memberName) ?? this.#connect(member.url, asked.manner);
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

  #connect(url: string, manner: PeerManner): PeerConnection {
    return connectPeer(url, this.#options.userAgent, manner, KEPT_INTERVALS);
  }
}
