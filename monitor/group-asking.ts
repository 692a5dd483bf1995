import type { AssignedGroup } from '../common/assignment/document.ts';
import type { GroupName, MonitorName } from '../common/ids.ts';
import { steadyMs } from '../common/steady-clock.ts';
import type { Contact } from './health/contact.ts';
import type { AvailabilityEvent } from './health/events.ts';
import type { PeerAnswer } from './parse/peer-answer.ts';
import { DISTRIBUTED_PEERS, PeerStates } from './peers/peer-states.ts';
import { type GroupAnswer, GroupPoller } from './poll/group-poller.ts';
import type { PeerManner } from './poll/peer-loop.ts';
import { crStatesUrl } from './poll/peer-targets.ts';
import { polledPeer } from './polled-peer.ts';

export interface GroupAskingOptions {
  readonly userAgent: string;
  readonly self: MonitorName;
  readonly contact: Contact;
  readonly onEvent: (event: AvailabilityEvent) => void;
  /** A group has answered, and its states are taken in. @param timeMs since the epoch */
  readonly onAnswer: (group: GroupName, caches: PeerAnswer['caches'], timeMs: number) => void;
  /** A fault of this program in taking in an answer. */
  readonly onFault: (error: unknown) => void;
}

/** poll → peers: the other groups, from asking their members to what each group says. */
export class GroupAsking {
  readonly states: PeerStates<GroupName>;
  readonly #options: GroupAskingOptions;
  readonly #poller: GroupPoller;
  /** Of groups and of their members, ms since the epoch. */
  readonly #heardMs = { groups: new Map<GroupName, number>(), members: new Map<MonitorName, number>() };

  constructor(options: GroupAskingOptions) {
    this.#options = options;
    this.states = new PeerStates(DISTRIBUTED_PEERS, options.onEvent);
    this.#poller = new GroupPoller({
      userAgent: options.userAgent,
      seed: `${options.self} groups`,
      onAnswer: (answer) => {
        try {
          this.#take(answer);
        } catch (error) {
          // One group's answer must not end the questions to the others.
          options.onFault(error);
        }
      },
    });
  }

  /** Asks these groups from now on. */
  apply(groups: readonly AssignedGroup[], manner: PeerManner): void {
    this.states.apply(
      groups.map(({ name }) => name),
      2 * (manner.intervalMs + manner.timeoutMs),
    );
    const asked = groups.map(({ name, members }) => ({
      name,
      members: members.flatMap((member) => {
        const url = crStatesUrl(member.host, member.port, 'local');
        return url === null ? [] : [{ name: member.name, url }];
      }),
    }));
    this.#poller.apply(asked, manner);
  }

  /** Whether a member answered when it was asked last, or was not asked yet. */
  isAnswering(member: MonitorName): boolean {
    return this.#poller.isAnswering(member);
  }

  /** When a member answered last: ms since the epoch; null: it has not. */
  memberHeardMs(member: MonitorName): number | null {
    return this.#heardMs.members.get(member) ?? null;
  }

  /** When any member of a group answered last: ms since the epoch; null: none has. */
  heardMs(group: GroupName): number | null {
    return this.#heardMs.groups.get(group) ?? null;
  }

  stop(): void {
    this.#poller.stop();
  }

  #take({ group, member, url, endMs, durationMs, outcome, isGroupSilent }: GroupAnswer): void {
    const polled = polledPeer(group, url, { endMs, outcome });
    const caches = polled.outcome.kind === 'answer' ? polled.outcome.answer.caches : null;
    const { contact, onAnswer } = this.#options;
    const opinions = caches?.values() ?? null;
    contact.groupAsked({ group, member, endMs: steadyMs(), durationMs, opinions });
    // While another member can be asked, one that fails says nothing about its group.
    if (outcome.kind === 'failure' && !isGroupSilent) return;
    this.states.record(polled);
    if (caches === null) return;
    this.#heardMs.members.set(member, endMs);
    this.#heardMs.groups.set(group, endMs);
    onAnswer(group, caches, endMs);
  }
}
