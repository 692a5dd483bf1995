import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssignmentDocument, GroupMember } from '../common/assignment/document.ts';
import { encodeAssignment } from '../common/assignment/encode-document.ts';
import type { CachegroupName, GroupName } from '../common/ids.ts';
import type { GroupSeen } from './acting-operator.ts';
import { type MonitorFiles, writeMonitorFiles } from './monitor-files.ts';
import { MonitorProcess } from './monitor-process.ts';
import { MonitorView } from './monitor-view.ts';
import type { Witness } from './story.ts';
import type { SimulatedTrafficOps } from './traffic-ops.ts';

/** One monitor of the fleet; null: it does not run. */
interface Member extends GroupMember {
  readonly group: GroupName;
  readonly folder: string;
  readonly files: MonitorFiles;
  process: MonitorProcess | null;
  /** Of this life of the process: numbers of events begin anew with the next one. */
  view: MonitorView;
}

export interface FleetOptions {
  readonly main: string;
  readonly folder: string;
  readonly trafficOps: SimulatedTrafficOps;
  readonly groups: ReadonlyMap<GroupName, readonly GroupMember[]>;
  /** When a monitor ends that nobody has killed. */
  readonly onLost: (name: string, how: string, lastOutput: string) => void;
}

/** What `/api/monitor-groups` tells, as far as the fleet looks at it. */
interface GroupsTold {
  readonly revision: number;
  readonly group: string;
  readonly groups: readonly { readonly name: string; readonly cachegroups: readonly CachegroupName[] }[];
  readonly caches: Readonly<
    Record<string, { cachegroup: CachegroupName; direct: boolean; from: string | null }>
  >;
}

/** Groups of monitors, each a process with an assignment file of its own. */
export class MonitorFleet {
  readonly #options: FleetOptions;
  readonly #members: readonly Member[];

  private constructor(options: FleetOptions, members: readonly Member[]) {
    this.#options = options;
    this.#members = members;
  }

  /** Writes everybody's config; nothing runs yet. */
  static async prepare(options: FleetOptions): Promise<MonitorFleet> {
    const members: Member[] = [];
    for (const [group, ofGroup] of options.groups) {
      for (const member of ofGroup) {
        const folder = join(options.folder, member.name);
        mkdirSync(folder, { recursive: true });
        const files = await writeMonitorFiles(
          folder,
          options.trafficOps,
          { ...member, ip: member.host },
          { assignment_file: join(folder, 'assignment.json'), http_timeout_ms: 1000 },
        );
        members.push({
          ...member,
          group,
          folder,
          files,
          process: null,
          view: new MonitorView(urlOf(member)),
        });
      }
    }
    return new MonitorFleet(options, members);
  }

  /** Gives each group its document; every file is replaced in one step. */
  assign(documents: ReadonlyMap<GroupName, AssignmentDocument>): void {
    for (const { group, folder } of this.#members) {
      const document = documents.get(group);
      if (document === undefined) continue;
      const file = join(folder, 'assignment.json');
      writeFileSync(`${file}.new`, encodeAssignment(document));
      renameSync(`${file}.new`, file);
    }
  }

  /** Starts the monitors of a group that do not run. */
  start(group: GroupName): void {
    for (const member of this.#of(group)) {
      if (member.process !== null) continue;
      const started = new MonitorProcess(this.#options.main, member.files);
      member.process = started;
      member.view = new MonitorView(urlOf(member));
      started.ended.then((how) => {
        if (member.process !== started) return;
        member.process = null;
        this.#options.onLost(member.name, how, started.lastOutput);
      });
    }
  }

  /** Kills all monitors of a group at once, as a power cut does. */
  kill(group: GroupName): void {
    for (const member of this.#of(group)) {
      const { process } = member;
      member.process = null;
      process?.kill();
    }
  }

  /** Asks all to end and waits for it. */
  async stop(): Promise<void> {
    const running = this.#members.flatMap(({ process }) => (process === null ? [] : [process]));
    for (const member of this.#members) member.process = null;
    await Promise.all(running.map((process) => process.stop()));
  }

  /** Ends all without asking; works while this process is exiting. */
  killAll(): void {
    for (const { process } of this.#members) process?.kill();
  }

  isRunning(group: GroupName): boolean {
    return this.#of(group).some(({ process }) => process !== null);
  }

  /** All monitors that run. */
  get running(): readonly Witness[] {
    return this.#members.filter(({ process }) => process !== null);
  }

  /** One monitor of each group that runs: together they see every cache once. */
  get witnesses(): readonly Witness[] {
    return [...this.#options.groups.keys()].flatMap((group) =>
      this.#of(group)
        .filter(({ process }) => process !== null)
        .slice(0, 1),
    );
  }

  /** How each group is: asks all of its members that run. */
  async look(): Promise<ReadonlyMap<GroupName, GroupSeen>> {
    const seen = new Map<GroupName, GroupSeen>();
    await Promise.all(
      [...this.#options.groups.keys()].map(async (group) => {
        const running = this.#of(group).filter(({ process }) => process !== null);
        const polled = await Promise.all(running.map(polledRevision));
        const known = polled.filter((revision) => revision !== null);
        seen.set(group, {
          live: running.length > 0,
          polledRevision: known.length < running.length ? null : Math.min(...known),
        });
      }),
    );
    return seen;
  }

  #of(group: GroupName): readonly Member[] {
    return this.#members.filter((member) => member.group === group);
  }
}

export const urlOf = ({ host, port }: Pick<GroupMember, 'host' | 'port'>): string => `http://${host}:${port}`;

/** The revision that a monitor follows, if it polls all caches that are its group's; null: not yet, or no answer. */
async function polledRevision(member: Member): Promise<number | null> {
  try {
    const response = await fetch(`${urlOf(member)}/api/monitor-groups`, {
      signal: AbortSignal.timeout(2000),
    });
    if (response.status !== 200) return null;
    const { revision, group, groups, caches } = (await response.json()) as GroupsTold;
    const own = new Set(groups.find(({ name }) => name === group)?.cachegroups);
    const isPolled = Object.values(caches).every(
      ({ cachegroup, direct, from }) => !own.has(cachegroup) || !direct || from === member.name,
    );
    return isPolled ? revision : null;
  } catch {
    return null;
  }
}
