import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AssignmentDocument } from '../common/assignment/document.ts';
import { groupName, type MonitorName } from '../common/ids.ts';
import type { Log } from '../common/log.ts';
import { type AskedGroup, type GroupAnswer, GroupPoller } from './poll/group-poller.ts';
import { LineSource } from './poll/line-source.ts';
import type { PeerManner } from './poll/peer-loop.ts';
import { monitorUrl } from './poll/peer-targets.ts';
import type { PollingParameters } from './poll/polling-parameters.ts';
import { GROUP_STATISTICS, type OtherMonitors } from './serve/statistics-routes.ts';
import { readReportDocument } from './stats/report-document.ts';
import { ReportError, readReportLine } from './stats/report-lines.ts';
import type { Statistics } from './stats/statistics.ts';

export interface StatisticsExchangeOptions {
  readonly self: MonitorName;
  readonly userAgent: string;
  readonly statistics: Statistics;
  readonly log: Log;
  readonly isGroupsWord: OtherMonitors['isGroupsWord'];
  /** A fault of this program in taking in an answer. */
  readonly onFault: (error: unknown) => void;
}

/** So long at a time reports are taken in; then polls and requests have their turn. */
const TURN_MS = 5;

/** So many groups are named in a log line. */
const NAMED = 10;

/**
 * Statistics of a CDN that several groups of monitors poll: asks the others what their caches send, and takes it in;
 * and fetches what only they have when somebody asks for it. docs/distributed.md.
 */
export class StatisticsExchange implements OtherMonitors {
  readonly #options: StatisticsExchangeOptions;
  readonly #poller: GroupPoller;
  readonly #source: LineSource;
  /** Problems that were told, by whom they are with: they are told once, until they are over. */
  readonly #told = new Map<string, string>();
  /** Groups, and members, that have been asked once, with whatever success. */
  readonly #asked = new Set<string>();
  #groups: readonly AskedGroup[] = [];
  #document: AssignmentDocument | null = null;
  #timeoutMs = 1000;
  #staleMs = Number.POSITIVE_INFINITY;

  constructor(options: StatisticsExchangeOptions) {
    this.#options = options;
    const { self, userAgent } = options;
    this.#poller = new GroupPoller({
      userAgent,
      seed: `${self} statistics`,
      onAnswer: (answer) => void this.#take(answer).catch(options.onFault),
    });
    this.#source = new LineSource({ userAgent, timeoutMs: () => this.#timeoutMs });
  }

  /** Asks the monitors of this assignment from now on. */
  ask(document: AssignmentDocument, manner: PeerManner, { statIntervalMs }: PollingParameters): void {
    this.#document = document;
    this.#timeoutMs = manner.timeoutMs;
    // From the poll over the member that another group asks to this monitor, each at its slowest, and one answer lost.
    this.#staleMs = 2 * (2 * manner.intervalMs + statIntervalMs) + manner.timeoutMs;
    this.#groups = askedBy(document, this.#options.self);
    this.#poller.apply(this.#groups, manner);
  }

  /**
   * For the gate: before each group has been asked once, sums would be told that are not those of the CDN. null: each
   * has been.
   */
  unasked(): string | null {
    const names = this.#groups
      .filter(({ name, members }) => members.length > 0 && !this.#asked.has(name))
      .map(({ name }) => name);
    return names.length === 0 ? null : `statistics not asked for yet: ${names.slice(0, NAMED).join(', ')}`;
  }

  async stop(): Promise<void> {
    this.#poller.stop();
    await this.#source.close();
  }

  isGroupsWord(cache: Parameters<OtherMonitors['isGroupsWord']>[0]): boolean {
    return this.#options.isGroupsWord(cache);
  }

  urlOf(monitor: MonitorName): string | null {
    for (const { members } of this.#document?.groups ?? []) {
      const member = members.find(({ name }) => name === monitor);
      if (member !== undefined) return monitorUrl(member.host, member.port);
    }
    return null;
  }

  lines(url: string, signal: AbortSignal): AsyncIterable<string> {
    return this.#source.lines(url, signal);
  }

  onFailure(message: string): void {
    this.#options.log.warning(message);
  }

  async #take({ group, member, url, endMs, outcome, isGroupSilent }: GroupAnswer): Promise<void> {
    const { statistics } = this.#options;
    statistics.expire(endMs - this.#staleMs, endMs);
    if (outcome.kind === 'failure') {
      if (isGroupSilent) this.#asked.add(group);
      this.#tell(member, `its statistics cannot be had from ${url}: ${outcome.failure.text}`);
      return;
    }
    try {
      await this.#read(outcome.body.toString(), endMs);
      this.#told.delete(member);
    } catch (error) {
      if (!(error instanceof ReportError)) throw error;
      this.#tell(member, `its statistics from ${url} are not used: ${error.message}`);
    } finally {
      this.#asked.add(group);
    }
  }

  /** @throws ReportError at what cannot be used; what stands before it has been taken in */
  async #read(text: string, endMs: number): Promise<void> {
    const { head, lines } = readReportDocument(text);
    const cdn = this.#document?.cdn;
    if (cdn !== undefined && head.cdn !== cdn)
      throw new ReportError(`they are of CDN "${head.cdn}", this monitor is in CDN "${cdn}"`);
    let startMs = performance.now();
    for (const line of lines) {
      this.#options.statistics.receive(readReportLine(line, endMs - head.nowMs), Date.now());
      if (performance.now() - startMs < TURN_MS) continue;
      await nextTurn();
      startMs = performance.now();
    }
  }

  #tell(member: string, problem: string): void {
    if (this.#told.get(member) === problem) return;
    this.#told.set(member, problem);
    this.#options.log.warning(`monitor ${member}: ${problem}; what it said before stands until it is old`);
  }
}

/**
 * Whom to ask: one member of each other group, in turn, for all that its group knows; and if the own group shares its
 * caches out, each of its other members for what that polls.
 */
function askedBy({ group, groups, redundancy }: AssignmentDocument, self: MonitorName): AskedGroup[] {
  const asked: AskedGroup[] = [];
  for (const { name, members } of groups) {
    const isOwn = name === group;
    const targets = members.flatMap((member) => {
      const base = member.name === self ? null : monitorUrl(member.host, member.port);
      return base === null
        ? []
        : [{ name: member.name, url: `${base}${GROUP_STATISTICS}${isOwn ? '' : '?local'}` }];
    });
    if (!isOwn) asked.push({ name, members: targets });
    else if (redundancy !== 'All') {
      for (const target of targets)
        asked.push({ name: groupName(`member ${target.name}`), members: [target] });
    }
  }
  return asked;
}
