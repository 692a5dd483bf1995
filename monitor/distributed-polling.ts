import type { CacheName, CdnName, GroupName, MonitorName } from '../common/ids.ts';
import type { Log } from '../common/log.ts';
import type { Snapshot } from '../common/traffic-ops/monitoring.ts';
import { assignmentFor, assignmentWarnings } from './assignment-choice.ts';
import { AssignmentSources } from './assignment-sources.ts';
import type { Settings } from './config/settings.ts';
import { GroupAsking } from './group-asking.ts';
import type { Assignment } from './groups/assignment-in-force.ts';
import { Duties } from './groups/duties.ts';
import { type GroupsView, groupsView } from './groups/groups-view.ts';
import type { MemberSign } from './groups/member-liveness.ts';
import { PollProgress } from './groups/poll-progress.ts';
import type { CacheState } from './health/cache-state.ts';
import type { CacheStates } from './health/cache-states.ts';
import type { Contact } from './health/contact.ts';
import type { AvailabilityEvent } from './health/events.ts';
import type { Subject } from './health/subject.ts';
import type { MemberReport } from './kube/member-report.ts';
import type { PeerStates, PolledPeer } from './peers/peer-states.ts';
import type { PeerManner } from './poll/peer-loop.ts';
import { crStatesUrl, type PeerPlan } from './poll/peer-targets.ts';
import type { PollingParameters } from './poll/polling-parameters.ts';

export interface DistributedOptions {
  readonly self: MonitorName;
  readonly settings: () => Settings;
  readonly userAgent: string;
  /** Start of the process, ms since the epoch. */
  readonly startedMs: number;
  /** Whether routers should be sent here. */
  readonly isReady: () => boolean;
  readonly log: Log;
  readonly onError: (message: string) => void;
  /** A fault of this program in taking in an answer. */
  readonly onFault: (error: unknown) => void;
  readonly onEvent: (event: AvailabilityEvent) => void;
  readonly states: CacheStates;
  readonly contact: Contact;
  /** The other members of the own group, and what they say. */
  readonly members: PeerStates<MonitorName>;
  /** The snapshot is to be applied again: another assignment is in force. */
  readonly onAssignment: () => void;
  /** Other caches than before are polled here, under the same assignment. */
  readonly onDuties: () => void;
}

/** How often time alone is looked at: silence of groups, hand-overs that nobody takes. */
const PASS_EVERY_MS = 1000;

/** So many given-up caches are named in the log. */
const NAMED = 5;

/**
 * Distributed mode: who polls what and whom this monitor asks, from the snapshot's own Traffic Monitors or from
 * assignment documents, whoever supplies them; and what other groups say. Reference 7.5 to 7.7; docs/distributed.md.
 */
export class DistributedPolling {
  readonly sources: AssignmentSources;
  readonly duties: Duties;
  readonly #options: DistributedOptions;
  readonly #groups: GroupAsking;
  readonly #progress = new PollProgress();
  #timer: NodeJS.Timeout | null = null;
  #cdn: CdnName | null = null;
  #assignment: Assignment | null = null;
  #warnings: readonly string[] = [];

  constructor(options: DistributedOptions) {
    this.#options = options;
    const { self, states, members, userAgent, startedMs, log, contact, onError, onEvent, onFault } = options;
    this.#groups = new GroupAsking({
      userAgent,
      self,
      contact,
      onEvent,
      onAnswer: (name, caches, timeMs) => {
        if (this.duties.heard({ kind: 'group', name }, caches.keys(), timeMs)) options.onDuties();
      },
      onFault,
    });
    this.duties = new Duties({ self, states, speakers: { members, groups: this.#groups.states } });
    this.sources = new AssignmentSources({
      self,
      userAgent,
      startedMs,
      log,
      onError,
      settings: () => options.settings().monitor,
      cdn: () => this.#cdn,
      onAccepted: () => {
        options.onAssignment();
        this.sources.reportNow();
      },
      report: () => this.#report(),
    });
  }

  /** Reads what there is to read and follows it; with other settings also while running. */
  async follow(): Promise<void> {
    this.#timer ??= setInterval(() => {
      try {
        this.#pass();
      } catch (error) {
        this.#options.onFault(error);
      }
    }, PASS_EVERY_MS);
    await this.sources.follow();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#groups.stop();
    await this.sources.stop();
  }

  /** The assignment that is acted on; null: none yet. */
  get assignment(): Assignment | null {
    return this.#assignment;
  }

  /**
   * Works out from a snapshot, and the assignment in force, what is polled here.
   *
   * @throws AssignmentMissing if that cannot be known; then everything stays as it is
   */
  configure(
    snapshot: Snapshot,
    subjects: readonly Subject[],
    { healthIntervalMs, statIntervalMs, peerIntervalMs }: PollingParameters,
    nowMs: number,
  ): void {
    this.#cdn = snapshot.cdn;
    const { self, contact, settings } = this.#options;
    const assignment = assignmentFor(snapshot, this.sources, self);
    const { monitor } = settings();
    this.#assignment = assignment;
    this.duties.configure(
      {
        assignment: assignment.document,
        subjects,
        protocol: monitor.healthProtocol,
        groupFailoverMs: monitor.groupFailoverMs,
        hearsayMs: 2 * peerIntervalMs,
        // Two polls make a cache known; with the first turn that is up to three intervals.
        startPatienceMs: 4 * Math.max(healthIntervalMs, monitor.statPolling ? statIntervalMs : 0),
        handoverTimeoutMs: monitor.handoverTimeoutMs,
      },
      nowMs,
    );
    const others = assignment.document.groups.filter(
      ({ name, members }) => name !== assignment.document.group && members.length > 0,
    );
    contact.configure({
      otherGroups: others,
      pollIntervalMs: healthIntervalMs,
      peerIntervalMs,
      isFromTrafficOps: snapshot.source === 'traffic-ops',
    });
    const { responsibility } = this.duties;
    if (responsibility !== null)
      this.#warnings = assignmentWarnings(assignment.document, self, subjects, responsibility);
  }

  /** Caches of the snapshot that others poll. */
  get elsewhere(): ReadonlySet<CacheName> {
    return this.duties.elsewhere;
  }

  /** The other groups, and what they say. */
  get states(): PeerStates<GroupName> {
    return this.#groups.states;
  }

  get refusals(): number {
    return this.sources.refusals;
  }

  get leaving(): number {
    return this.duties.leaving;
  }

  get silentGroups(): ReadonlySet<GroupName> {
    return this.duties.silentGroups;
  }

  /** What this monitor has polled itself, and enough: `?raw`. */
  isOwnWord(cache: CacheName): boolean {
    const state = this.#options.states.get(cache);
    return state?.isDirect === true && state.polled;
  }

  /** What the own group knows of its own caches: `?local`. */
  isGroupsWord(cache: CacheName): boolean {
    return this.duties.isGroupsWord(cache);
  }

  /** The other members of the own group, to be polled for what they see. */
  get memberPlan(): PeerPlan {
    const { self } = this.#options;
    const peers = this.#ownMembers().flatMap(({ name, host, port }) => {
      const url = crStatesUrl(host, port, 'raw');
      return name === self || url === null ? [] : [{ peer: name, url }];
    });
    return { peers, warnings: this.#warnings };
  }

  /** Asks the other groups from now on. */
  askGroups(manner: PeerManner): void {
    const document = this.#assignment?.document;
    this.#groups.apply(
      (document?.groups ?? []).filter(({ name }) => name !== document?.group),
      manner,
    );
  }

  /** What members of the own group say of these caches has changed; before the caches are combined anew. */
  membersChanged(caches: readonly CacheName[], timeMs: number): void {
    this.duties.takeWords(caches, timeMs);
  }

  /** A member of the own group was polled. */
  memberPolled({ peer, endMs, outcome }: PolledPeer<MonitorName>): void {
    const isOther = this.duties.memberPolled(peer, signOf(outcome), endMs);
    const caches = outcome.kind === 'answer' ? outcome.answer.caches.keys() : [];
    const hasGivenUp = this.duties.heard({ kind: 'member', name: peer }, caches, endMs);
    if (isOther) {
      const isLive = this.duties.liveness.isLive(peer);
      this.#options.log.info(
        `member ${peer} of this group ${isLive ? 'is back' : 'is gone'}: its share is dealt out anew`,
      );
    }
    if (isOther || hasGivenUp) this.#options.onDuties();
  }

  /** Who polls what, for people; null: nothing is known yet. */
  view(nowMs: number): { view: GroupsView; groupOf: (cache: CacheState) => GroupName | null } | null {
    if (this.#assignment === null) return null;
    const { liveness, responsibility } = this.duties;
    const own = new Set(this.#ownMembers().map(({ name }) => name));
    const view = groupsView(
      this.#assignment,
      this.#options.self,
      {
        isLive: (name) => (own.has(name) ? liveness.isLive(name) : this.#groups.isAnswering(name)),
        lastSeenMs: (name) => (own.has(name) ? liveness.lastSeenMs(name) : this.#groups.memberHeardMs(name)),
        isReachable: (name) => this.#groups.states.get(name)?.isAvailable ?? false,
        lastHeardMs: (name) => this.#groups.heardMs(name),
      },
      this.sources.lastRefusal,
      nowMs,
    );
    return {
      view,
      groupOf: ({ subject }) => responsibility?.groupsOf(subject.server.cachegroup)[0] ?? null,
    };
  }

  /** What the operator hears of this monitor; null: without a document there is nothing to say. */
  #report(): MemberReport | null {
    const { inForce } = this.sources;
    if (inForce === null) return null;
    const { document } = inForce;
    const acted = this.#assignment?.document ?? null;
    const { states, isReady } = this.#options;
    return {
      cdn: document.cdn,
      group: document.group,
      appliedRevision: acted?.revision ?? 0,
      ...this.#progress.look(document, acted?.revision === document.revision ? states.sorted : null),
      isReady: isReady(),
    };
  }

  #ownMembers() {
    const document = this.#assignment?.document;
    return document?.groups.find(({ name }) => name === document.group)?.members ?? [];
  }

  #pass(): void {
    const nowMs = Date.now();
    this.#groups.states.expire(nowMs);
    const before = this.duties.silentGroups;
    const { hasChanged, abandoned } = this.duties.pass(nowMs);
    if (abandoned.length > 0) {
      const names = abandoned.slice(0, NAMED).join(', ');
      const more = abandoned.length > NAMED ? ` and ${abandoned.length - NAMED} more` : '';
      this.#options.log.warning(
        `given up although their new group does not tell of them: ${names}${more}; their last states stand; look at that group's monitors`,
      );
    }
    if (!hasChanged) return;
    for (const name of this.duties.silentGroups) {
      if (!before.has(name))
        this.#options.log.warning(
          `no monitor of group ${name} answers: its caches are polled here until one does`,
        );
    }
    this.#options.onDuties();
  }
}

const signOf = (outcome: PolledPeer<MonitorName>['outcome']): MemberSign =>
  outcome.kind === 'answer' ? 'answered' : outcome.isStarting === true ? 'starting' : 'failed';
