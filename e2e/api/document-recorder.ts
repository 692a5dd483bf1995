import assert from 'node:assert/strict';
import { decodeAssignment } from '../../common/assignment/decode-document.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import type { GroupName } from '../../common/ids.ts';
import type { KubeObject, Rest } from './rest.ts';

const everyMs = 40;

/**
 * Reads the assignment documents of all groups all the time, as monitors might at any moment, and holds them against
 * what must always be so: every cachegroup has an owner, revisions never go back, and no revision says two things.
 */
export class DocumentRecorder {
  readonly #rest: Rest;
  readonly #where: string;
  readonly #cachegroups: () => readonly string[];
  readonly #breaches = new Set<string>();
  /** Revision → what it says to all groups. */
  readonly #said = new Map<number, string>();
  /** Group and uid of its ConfigMap → the newest revision. */
  readonly #newest = new Map<string, number>();
  readonly #versions = new Set<string>();
  #samples = 0;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  /** @param cachegroups that have to have an owner at this moment */
  constructor(rest: Rest, namespace: string, cachegroups: () => readonly string[]) {
    this.#rest = rest;
    this.#where = `/api/v1/namespaces/${namespace}/configmaps?labelSelector=trafficcontrol.cdn%2Fgroup`;
    this.#cachegroups = cachegroups;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Throws if anything was ever not as it must be. Tells how much was looked at. */
  async stop(): Promise<string> {
    this.#isStopped = true;
    await this.#running;
    assert.deepEqual([...this.#breaches], []);
    assert.ok(this.#samples > 0);
    return `${this.#samples} samples, ${this.#versions.size} documents, ${this.#said.size} revisions: nothing lost, nothing said twice`;
  }

  get revisions(): number {
    return this.#said.size;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        const expected = this.#cachegroups();
        const maps = await this.#rest.list(this.#where);
        this.#samples += 1;
        for (const map of maps) this.#look(map, expected);
      } catch {
        // The API server is away: there is nothing to be read.
      }
      // A test that failed before it could stop this has to end nevertheless.
      await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
    }
  }

  #look(map: KubeObject, expected: readonly string[]): void {
    const { name, uid, resourceVersion } = map.metadata;
    const version = `${uid} ${resourceVersion}`;
    if (this.#versions.has(version)) return;
    this.#versions.add(version);
    const text = (map['data'] as Readonly<Record<string, string>> | undefined)?.['assignment.json'];
    if (text === undefined) return;
    const document = decodeAssignment(text);
    const { revision } = document;
    const id = `${name} ${uid}`;
    const before = this.#newest.get(id) ?? 0;
    if (revision < before) this.#breach(`${name}: revision ${revision} after ${before}`);
    this.#newest.set(id, revision);
    const said = shared(document);
    const other = this.#said.get(revision) ?? said;
    if (other !== said) this.#breach(`${name}: revision ${revision} says\n${said}\nand elsewhere\n${other}`);
    this.#said.set(revision, other);
    const owned = new Set<string>(document.groups.flatMap(({ cachegroups }) => cachegroups));
    const lost = expected.filter((cachegroup) => !owned.has(cachegroup));
    if (lost.length > 0) this.#breach(`${name}: revision ${revision}: nobody polls ${lost.join(', ')}`);
  }

  #breach(what: string): void {
    this.#breaches.add(what);
  }
}

/** What the documents of one revision have in common. */
const shared = (document: AssignmentDocument): string =>
  encodeAssignment({ ...document, group: '' as GroupName, redundancy: 'All' });
