import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { AssignmentDocument, Handover, Redundancy } from '../../../common/assignment/document.ts';
import { encodeAssignment } from '../../../common/assignment/encode-document.ts';
import { type CachegroupName, cdnName, type GroupName, groupName, monitorName } from '../../../common/ids.ts';
import { type MonitorChild, MonitorFolder } from '../../../monitor/testing/monitor-child.ts';
import type { SimulatedCdn } from '../../../sim/simulated-cdn.ts';

/** One monitor of a fleet: a real program with an assignment file of its own. */
export interface FleetMonitor {
  readonly name: string;
  readonly group: GroupName;
  readonly folder: MonitorFolder;
  child: MonitorChild;
}

export interface FleetOptions {
  readonly groups: readonly string[];
  readonly membersEach: number;
  readonly redundancy: Redundancy;
  readonly monitorCfg?: Readonly<Record<string, unknown>>;
}

export type Owners = ReadonlyMap<GroupName, readonly CachegroupName[]>;

/** Groups of monitors that watch one simulated CDN by assignment documents that the test writes. */
export class Fleet {
  readonly monitors: readonly FleetMonitor[];
  readonly #t: TestContext;
  readonly #cdn: SimulatedCdn;
  readonly #options: FleetOptions;
  #revision = 0;

  private constructor(t: TestContext, cdn: SimulatedCdn, options: FleetOptions, monitors: FleetMonitor[]) {
    this.#t = t;
    this.#cdn = cdn;
    this.#options = options;
    this.monitors = monitors;
  }

  /** Starts all monitors with this assignment; they may not answer yet. */
  static async start(
    t: TestContext,
    cdn: SimulatedCdn,
    options: FleetOptions,
    owners: Owners,
  ): Promise<Fleet> {
    const folders: { name: string; group: GroupName; folder: MonitorFolder }[] = [];
    for (const group of options.groups) {
      for (let ordinal = 0; ordinal < options.membersEach; ordinal++) {
        const folder = await MonitorFolder.create(t, cdn);
        const name = `${group}-${ordinal}`;
        folder.write({
          ops: { cdnName: cdn.world.cdn },
          monitor: {
            short_hostname_override: name,
            assignment_file: join(folder.path, 'assignment.json'),
            http_timeout_ms: 500,
            ...options.monitorCfg,
          },
        });
        folders.push({ name, group: groupName(group), folder });
      }
    }
    // The members' ports have to be known before the first document is written.
    const placed = folders.map((one) => ({ ...one, child: null }));
    const documents = new Fleet(t, cdn, options, placed as unknown as FleetMonitor[]);
    documents.assign(owners);
    const monitors = folders.map((one) => ({ ...one, child: one.folder.start(t) }));
    const fleet = new Fleet(t, cdn, options, monitors);
    fleet.#revision = documents.#revision;
    return fleet;
  }

  /** The next revision, for every group; each file is replaced in one step. */
  assign(owners: Owners, handovers: readonly Handover[] = []): void {
    this.#revision++;
    for (const { group, folder } of this.monitors) {
      const file = join(folder.path, 'assignment.json');
      writeFileSync(`${file}.new`, encodeAssignment(this.#documentFor(group, owners, handovers)));
      renameSync(`${file}.new`, file);
    }
  }

  get revision(): number {
    return this.#revision;
  }

  /** Kills a monitor at once. */
  async kill(monitor: FleetMonitor): Promise<void> {
    monitor.child.signal('SIGKILL');
    await monitor.child.ended;
  }

  restart(monitor: FleetMonitor): void {
    monitor.child = monitor.folder.start(this.#t);
  }

  async untilOpen(): Promise<void> {
    await Promise.all(this.monitors.map(({ folder, child }) => folder.untilOpen(child)));
  }

  #documentFor(group: GroupName, owners: Owners, handovers: readonly Handover[]): AssignmentDocument {
    return {
      version: 1,
      revision: this.#revision,
      cdn: cdnName(this.#cdn.world.cdn),
      group,
      redundancy: this.#options.redundancy,
      groups: this.#options.groups.map((name) => ({
        name: groupName(name),
        cachegroups: owners.get(groupName(name)) ?? [],
        members: this.monitors
          .filter((monitor) => monitor.group === name)
          .map((monitor) => ({
            name: monitorName(monitor.name),
            host: '127.0.0.1',
            port: monitor.folder.port,
          })),
      })),
      handovers,
      failovers: [],
    };
  }
}
