import type { CdnName } from '../ids.ts';
import { messageOf, TrafficOpsError } from './errors.ts';
import type { KeptDocument } from './kept-document.ts';
import { type OwnCdn, ownCdn } from './own-cdn.ts';
import { type Connection, TrafficOpsSession } from './session.ts';

export type { Connection } from './session.ts';

export interface TrafficOpsClientOptions {
  readonly connection: Connection;
  /** E.g. `traffic_monitor/8.1.0`. */
  readonly userAgent: string;
  /** Deadline of a single exchange, 10 s by the contract. */
  readonly timeoutMs?: number | undefined;
  readonly now?: () => number;
}

export type Decode<Value> = (document: KeptDocument) => Value;

export interface Fetched<Value> {
  readonly value: Value;
  /** What it was decoded from: the value of `response`, byte for byte. */
  readonly document: KeptDocument;
  /** `ip:port` of Traffic Ops, empty if unknown. */
  readonly remoteAddress: string;
}

type Attempt<Result> = (session: TrafficOpsSession, major: 4 | 5) => Promise<Result>;

/**
 * What a monitor asks of Traffic Ops; rules: reference 2.1. Every request is tried with API 5.0 and, after any error,
 * with API 4.x (for the snapshot too: reference D9). Every method throws TrafficOpsError; if both attempts failed it
 * tells of both.
 */
export class TrafficOpsClient {
  readonly #v5: TrafficOpsSession;
  readonly #v4: TrafficOpsSession;

  constructor(options: TrafficOpsClientOptions) {
    const common = {
      connection: options.connection,
      userAgent: options.userAgent,
      timeoutMs: options.timeoutMs ?? 10_000,
      now: options.now ?? Date.now,
    };
    this.#v5 = new TrafficOpsSession({ ...common, versions: ['5.0'] });
    this.#v4 = new TrafficOpsSession({ ...common, versions: ['4.1', '4.0'] });
  }

  /** Closes idle connections. */
  close(): void {
    this.#v5.close();
    this.#v4.close();
  }

  /** One session is enough: the other logs in when it is asked for something. */
  login(signal: AbortSignal): Promise<void> {
    return this.#try((session) => session.login(signal));
  }

  /** The CDN of the server record of this host; rule: reference 2.2. */
  findOwnCdn(hostName: string, signal: AbortSignal): Promise<OwnCdn> {
    const path = `servers?hostName=${encodeURIComponent(hostName)}`;
    return this.#try(async (session, major) => {
      const { document, remoteAddress } = await session.get(path, signal);
      try {
        return ownCdn(JSON.parse(document.unpack().toString()), hostName, major);
      } catch (error) {
        throw new TrafficOpsError('missing', `GET ${path}: ${messageOf(error)}`, { remoteAddress });
      }
    });
  }

  /** @param decode makes sense of the document; what it throws is an error of the attempt like any other */
  fetchMonitoring<Value>(cdn: CdnName, decode: Decode<Value>, signal: AbortSignal): Promise<Fetched<Value>> {
    return this.#fetch(`cdns/${encodeURIComponent(cdn)}/configs/monitoring`, decode, signal);
  }

  /** The CDN snapshot (CRConfig). @param decode as for `fetchMonitoring` */
  fetchSnapshot<Value>(cdn: CdnName, decode: Decode<Value>, signal: AbortSignal): Promise<Fetched<Value>> {
    return this.#fetch(`cdns/${encodeURIComponent(cdn)}/snapshot`, decode, signal);
  }

  #fetch<Value>(path: string, decode: Decode<Value>, signal: AbortSignal): Promise<Fetched<Value>> {
    return this.#try(async (session) => {
      const { document, remoteAddress } = await session.get(path, signal);
      try {
        return { value: decode(document), document, remoteAddress };
      } catch (error) {
        throw new TrafficOpsError('decode', `GET ${path}: ${messageOf(error)}`, { remoteAddress });
      }
    });
  }

  async #try<Result>(attempt: Attempt<Result>): Promise<Result> {
    let first: TrafficOpsError;
    try {
      return await attempt(this.#v5, 5);
    } catch (error) {
      first = asTrafficOpsError(error);
      // Nobody waits for the answer any more; and a wrong address is as wrong for the other version.
      if (first.kind === 'aborted' || first.kind === 'config') throw first;
    }
    try {
      return await attempt(this.#v4, 4);
    } catch (error) {
      throw bothFailed(first, asTrafficOpsError(error));
    }
  }
}

function bothFailed(first: TrafficOpsError, second: TrafficOpsError): TrafficOpsError {
  if (second.kind === 'aborted') return second;
  // 501 says only that this Traffic Ops is older: the second error is the one that counts.
  const telling = first.status === 501 ? second : first;
  const both = `with API 5.0: ${first.message}; with API 4.x: ${second.message}`;
  return new TrafficOpsError(telling.kind, first.message === second.message ? first.message : both, {
    ...(telling.status === undefined ? {} : { status: telling.status }),
    remoteAddress: second.remoteAddress || first.remoteAddress,
  });
}

function asTrafficOpsError(error: unknown): TrafficOpsError {
  if (error instanceof TrafficOpsError) return error;
  return new TrafficOpsError('decode', messageOf(error));
}
