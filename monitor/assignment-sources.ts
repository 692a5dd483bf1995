import { decodeAssignment } from '../common/assignment/decode-document.ts';
import type { AssignmentDocument } from '../common/assignment/document.ts';
import type { CdnName, MonitorName } from '../common/ids.ts';
import type { Log } from '../common/log.ts';
import { messageOf } from '../common/message-of.ts';
import { type AssignmentDecoder, assignmentDecoderFor } from './assignment-decoder.ts';
import type { MonitorSettings } from './config/settings.ts';
import { WatchedFile } from './config/watched-file.ts';
import {
  AssignmentOffers,
  type AssignmentSource,
  type OfferOutcome,
  type Refusal,
} from './groups/assignment-in-force.ts';
import type { ClusterLink } from './kube/cluster-link.ts';
import type { MemberReport } from './kube/member-report.ts';

export interface AssignmentSourcesOptions {
  readonly self: MonitorName;
  readonly settings: () => Pick<
    MonitorSettings,
    'assignmentFile' | 'assignmentConfigMap' | 'serviceAccountDir'
  >;
  /** The monitor's own; null while it is not known, then documents of any will do. */
  readonly cdn: () => CdnName | null;
  readonly userAgent: string;
  /** Start of the process, ms since the epoch. */
  readonly startedMs: number;
  readonly log: Log;
  readonly onError: (message: string) => void;
  /** Another document is in force. */
  readonly onAccepted: () => void;
  /** What this monitor says about itself in the cluster. */
  readonly report: () => MemberReport | null;
}

/** Where assignment documents come from: a file, a ConfigMap, or both; the highest revision is in force. */
export class AssignmentSources {
  readonly #options: AssignmentSourcesOptions;
  readonly #offers = new AssignmentOffers();
  #file: WatchedFile | null = null;
  #filePath: string | null = null;
  #link: ClusterLink | null = null;
  #configMap: string | null = null;

  constructor(options: AssignmentSourcesOptions) {
    this.#options = options;
  }

  /** Reads what there is to read and follows it; with other settings also while running. */
  async follow(): Promise<void> {
    const { assignmentFile, assignmentConfigMap } = this.#options.settings();
    if (assignmentFile !== this.#filePath) await this.#followFile(assignmentFile);
    if (assignmentConfigMap !== this.#configMap) await this.#followConfigMap(assignmentConfigMap);
  }

  async stop(): Promise<void> {
    this.#file?.stop();
    await this.#link?.stop();
  }

  /** What this monitor says of itself has changed in a way that others wait for. */
  reportNow(): void {
    this.#link?.reportNow();
  }

  /** Takes a document into force if it is acceptable; else says why not, and what is in force stays. */
  offer(document: AssignmentDocument, source: AssignmentSource): OfferOutcome {
    const outcome = this.#offers.offer(document, source, this.#options.cdn(), Date.now());
    if (outcome.kind === 'refused') this.#tellRefusal(source, outcome.reason);
    if (outcome.kind === 'accepted') {
      const { revision, group } = document;
      const { log, onAccepted } = this.#options;
      log.info(`assignment revision ${revision} of group ${group}, from ${source}, is in force`);
      onAccepted();
    }
    return outcome;
  }

  /** null: none was acceptable yet. */
  get inForce(): AssignmentOffers['inForce'] {
    return this.#offers.inForce;
  }

  /** The last one, until its supplier brings something acceptable. */
  get lastRefusal(): Refusal | null {
    return this.#offers.lastRefusal;
  }

  /** Documents that were refused so far. */
  get refusals(): number {
    return this.#offers.refusals;
  }

  /** Whether documents say who polls what; if not, the snapshot does. */
  get areUsed(): boolean {
    const { assignmentFile, assignmentConfigMap } = this.#options.settings();
    return assignmentFile !== null || assignmentConfigMap !== null;
  }

  /** Why no document is in force; null: one is, or none is needed. */
  get waitsFor(): string | null {
    if (!this.areUsed || this.inForce !== null) return null;
    const reason = this.lastRefusal?.reason ?? 'none has been read yet';
    return `service still starting, no assignment document is in force: ${reason}`;
  }

  async #followFile(path: string | null): Promise<void> {
    this.#file?.stop();
    this.#filePath = path;
    this.#file = null;
    if (path === null) return;
    const decode = await assignmentDecoderFor(path);
    this.#file = new WatchedFile({
      path,
      onContent: (content) => this.#offerText(content, decode, 'file', path),
      onProblem: (reason) => this.#refuse('file', `${path} cannot be read: ${reason}`),
    });
    await this.#file.start();
  }

  async #followConfigMap(configMap: string | null): Promise<void> {
    await this.#link?.stop();
    this.#configMap = configMap;
    this.#link = null;
    if (configMap === null) return;
    const { self, settings, userAgent, startedMs, log, report } = this.#options;
    try {
      // Only a monitor in a cluster needs what is behind this.
      const { ClusterLink } = await import('./kube/cluster-link.ts');
      this.#link = await ClusterLink.open({
        configMap,
        podName: self,
        startedMs,
        userAgent,
        log,
        environment: process.env,
        directory: settings().serviceAccountDir,
        onDocument: (text, where) => this.#offerText(text, decodeAssignment, 'configmap', where),
        onProblem: (reason) => this.#refuse('configmap', reason),
        report,
      });
      this.#link.start();
    } catch (error) {
      this.#refuse(
        'configmap',
        `assignment_config_map "${configMap}" cannot be followed: ${messageOf(error)}`,
      );
    }
  }

  #offerText(text: string, decode: AssignmentDecoder, source: AssignmentSource, where: string): void {
    let document: AssignmentDocument;
    try {
      document = decode(text);
    } catch (error) {
      this.#refuse(source, `${where}: ${messageOf(error)}`);
      return;
    }
    this.offer(document, source);
  }

  #refuse(source: AssignmentSource, reason: string): void {
    this.#offers.refuse(source, reason, Date.now());
    this.#tellRefusal(source, reason);
  }

  #tellRefusal(source: AssignmentSource, reason: string): void {
    const revision = this.inForce?.document.revision;
    const kept = revision === undefined ? 'there is none yet' : `revision ${revision} stays in force`;
    this.#options.onError(`the assignment document from ${source} is refused: ${reason}; ${kept}`);
  }
}
