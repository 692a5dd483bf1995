import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { succession } from '../../common/assignment/encode-document.ts';
import type { CdnName } from '../../common/ids.ts';

/** Where an assignment came from: computed from the snapshot, a file, or a ConfigMap read through the API. */
export type AssignmentSource = 'snapshot' | 'file' | 'configmap';

/** Who polls what, as this monitor acts on it. */
export interface Assignment {
  /** Of one computed from the snapshot the revision is 0. */
  readonly document: AssignmentDocument;
  readonly source: AssignmentSource;
}

/** What became of an offered document; the reason is for people. */
export type OfferOutcome =
  | { readonly kind: 'accepted'; readonly assignment: Assignment }
  /** It is the one in force already. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Refusal {
  readonly source: AssignmentSource;
  readonly reason: string;
  /** ms since the epoch. */
  readonly timeMs: number;
}

/**
 * The assignment documents that were offered, and the one in force: of all acceptable ones that with the highest
 * revision, whoever supplied it. What is refused changes nothing: the last good one stays.
 */
export class AssignmentOffers {
  #inForce: Assignment | null = null;
  #refusals = 0;
  #lastRefusal: Refusal | null = null;

  /** @param cdn the monitor's own; null while it is not known, then any will do */
  offer(
    document: AssignmentDocument,
    source: AssignmentSource,
    cdn: CdnName | null,
    nowMs: number,
  ): OfferOutcome {
    const current = this.#inForce?.document ?? null;
    const problem = problemOf(document, cdn, current);
    if (problem !== null) return this.refuse(source, problem, nowMs);
    this.#forget(source);
    // Two suppliers bring the same document as a rule.
    if (succession(current, document) === 'same') return { kind: 'unchanged' };
    const assignment = { document, source };
    this.#inForce = assignment;
    return { kind: 'accepted', assignment };
  }

  /** Notes that a supplier has no usable document; what is in force stays. */
  refuse(source: AssignmentSource, reason: string, nowMs: number): OfferOutcome {
    this.#refusals++;
    this.#lastRefusal = { source, reason, timeMs: nowMs };
    return { kind: 'refused', reason };
  }

  /** null: none was acceptable yet. */
  get inForce(): Assignment | null {
    return this.#inForce;
  }

  /** Refused so far. */
  get refusals(): number {
    return this.#refusals;
  }

  /** The last one, until its supplier brings something acceptable. */
  get lastRefusal(): Refusal | null {
    return this.#lastRefusal;
  }

  #forget(source: AssignmentSource): void {
    if (this.#lastRefusal?.source === source) this.#lastRefusal = null;
  }
}

function problemOf(
  next: AssignmentDocument,
  cdn: CdnName | null,
  current: AssignmentDocument | null,
): string | null {
  if (cdn !== null && next.cdn !== cdn) return `it is for CDN "${next.cdn}", this monitor is in CDN "${cdn}"`;
  if (current === null) return null;
  if (next.group !== current.group)
    return `it is for group "${next.group}", this monitor is in group "${current.group}"`;
  switch (succession(current, next)) {
    case 'older':
      return `revision ${next.revision} is older than revision ${current.revision}, which is in force`;
    case 'conflict':
      return `revision ${next.revision} is in force with other content; a change needs a higher revision`;
    default:
      return null;
  }
}
