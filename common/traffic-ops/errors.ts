export { messageOf } from '../message-of.ts';

/** What kind of trouble: decides nothing but how it is reported. */
export type TrafficOpsErrorKind =
  /** The address cannot be used, e.g. it is no URL. */
  | 'config'
  /** No whole answer: refused, reset, not resolved, not trusted, too slow, too large. */
  | 'network'
  /** An answer with a status that is an error. */
  | 'status'
  /** Traffic Ops did not let this user in. */
  | 'login'
  /** An answer of success whose content makes no sense. */
  | 'decode'
  /** Traffic Ops answered well, but does not know what was asked for. */
  | 'missing'
  /** Given up because the program stops or is configured anew. */
  | 'aborted';

/** A request to Traffic Ops failed. The message names method, URL, status and what Traffic Ops said. */
export class TrafficOpsError extends Error {
  override readonly name = 'TrafficOpsError';
  readonly kind: TrafficOpsErrorKind;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** `ip:port` of Traffic Ops, empty if there was no connection. */
  readonly remoteAddress: string;

  constructor(
    kind: TrafficOpsErrorKind,
    message: string,
    details: { status?: number; remoteAddress?: string } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = details.status;
    this.remoteAddress = details.remoteAddress ?? '';
  }
}
