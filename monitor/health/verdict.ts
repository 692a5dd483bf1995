import type { Family } from '../../common/traffic-ops/service-addresses.ts';
import type { PollingProtocol } from '../config/settings.ts';
import type { Subject } from './subject.ts';
import { firstViolation } from './thresholds.ts';
import { interfaceVitals, type Vitals } from './vitals.ts';

/** What is thought of one cache after a poll. */
export interface Verdict {
  readonly isAvailable: boolean;
  readonly ipv4Available: boolean;
  readonly ipv6Available: boolean;
  /** The published reason, e.g. `REPORTED - loadavg too high (30.50 > 25.00)`. */
  readonly status: string;
}

/** Of a cache of which nothing is known yet: reference 5.1. */
export const DOWN: Verdict = { isAvailable: false, ipv4Available: false, ipv6Available: false, status: '' };

export const sameVerdict = (a: Verdict, b: Verdict): boolean =>
  a.isAvailable === b.isAvailable &&
  a.ipv4Available === b.ipv4Available &&
  a.ipv6Available === b.ipv6Available &&
  a.status === b.status;

const AVAILABLE = 'REPORTED - available';
const available = new Map<number, Verdict>();

/**
 * The verdict itself, or one that is the same: those of caches in good health differ in nothing, so they are one object,
 * however many caches there are.
 */
export function sharedVerdict(verdict: Verdict): Verdict {
  const { isAvailable, ipv4Available, ipv6Available, status } = verdict;
  if (status !== AVAILABLE) return verdict;
  const flags = (isAvailable ? 4 : 0) + (ipv4Available ? 2 : 0) + (ipv6Available ? 1 : 0);
  let known = available.get(flags);
  if (known === undefined) {
    known = Object.freeze({ isAvailable, ipv4Available, ipv6Available, status });
    available.set(flags, known);
  }
  return known;
}

/** What one poll yielded. */
export type Finding =
  | {
      readonly kind: 'vitals';
      readonly vitals: Vitals;
      /** The cache asked not to be used. */
      readonly notAvailable: boolean;
      /** A violated threshold on a statistic of the payload; null: none. */
      readonly rawViolation: string | null;
      /** Whole ms. */
      readonly queryTimeMs: number;
    }
  /** The poll failed or its answer could not be read. */
  | { readonly kind: 'error'; readonly reason: string };

/**
 * Judges a cache by what a poll over one family found: reference 5.4 to 5.6. `previous` is the last verdict on it.
 *
 * The first result counts like any other (D33): the gate, not a made-up failure, keeps routers from a monitor that
 * does not know its caches yet. Of the family that was not polled the last verdict stands; with no last one it is down.
 * A cache that is out of service by its status is so at once over both families.
 */
export function judge(
  subject: Subject,
  family: Family,
  finding: Finding,
  previous: Verdict | null,
  protocol: PollingProtocol,
): Verdict {
  const server = judgeServer(subject, finding);
  const problems = interfaceProblems(subject, finding);
  const ok = server.ok && problems.length === 0;
  const last = isInService(subject) ? previous : null;
  const ipv4Available = family === 'ipv4' ? ok : subject.hasIpv4 && (last?.ipv4Available ?? false);
  const ipv6Available = family === 'ipv6' ? ok : subject.hasIpv6 && (last?.ipv6Available ?? false);
  return sharedVerdict({
    isAvailable: familiesAvailable(subject, protocol, ipv4Available, ipv6Available),
    ipv4Available,
    ipv6Available,
    status: problems.length === 0 ? server.text : [server.text, ...problems].join('; '),
  });
}

/** The state of an ONLINE cache, which is never polled: as configured. Reference 5.1. */
export function onlineVerdict(subject: Subject): Verdict {
  return { isAvailable: true, ipv4Available: subject.hasIpv4, ipv6Available: subject.hasIpv6, status: '' };
}

const isInService = ({ status }: Subject): boolean => status === 'REPORTED' || status === 'ONLINE';

/** Which families must be up for the cache to be: reference 5.6. */
function familiesAvailable(
  subject: Subject,
  protocol: PollingProtocol,
  ipv4Available: boolean,
  ipv6Available: boolean,
): boolean {
  if (protocol === 'ipv4only') return ipv4Available;
  if (protocol === 'ipv6only') return ipv6Available;
  if (!subject.hasIpv4) return ipv6Available;
  if (!subject.hasIpv6) return ipv4Available;
  return ipv4Available || ipv6Available;
}

/** The server-level rows of reference 5.5: the first that fits decides. */
function judgeServer(subject: Subject, finding: Finding): { ok: boolean; text: string } {
  const answered = finding.kind === 'vitals' ? 'available' : 'unavailable';
  if (subject.status === 'ONLINE') return { ok: true, text: 'ONLINE - available' };
  if (subject.pollingUrl === null) {
    return { ok: false, text: 'ERROR - server profile missing in Traffic Ops monitor config' };
  }
  if (subject.status === 'invalid') {
    return { ok: false, text: `INVALIDCACHESTATUS - ${answered}; invalid status` };
  }
  if (subject.status !== 'REPORTED') return { ok: false, text: `${subject.status} - ${answered}` };
  if (finding.kind === 'error') return { ok: false, text: `REPORTED - ${finding.reason}` };
  if (finding.notAvailable) return { ok: false, text: 'REPORTED - system.notAvailable == true' };
  const reason = firstViolation(subject.computedThresholds, finding) ?? finding.rawViolation;
  return reason === null ? { ok: true, text: AVAILABLE } : { ok: false, text: `REPORTED - ${reason}` };
}

const none: readonly string[] = [];

/** What is wrong with monitored interfaces, as `<name>: <reason>`, in config order. */
function interfaceProblems(subject: Subject, finding: Finding): readonly string[] {
  let problems: string[] | null = null;
  for (const { name, maxBandwidth } of subject.monitoredInterfaces) {
    const found = finding.kind === 'vitals' ? interfaceVitals(finding.vitals, name) : undefined;
    const reason =
      found === undefined
        ? 'not found in polled data'
        : maxBandwidth !== null && found.kbpsOut > maxBandwidth
          ? 'maximum bandwidth exceeded'
          : null;
    if (reason === null) continue;
    problems ??= [];
    problems.push(`${name}: ${reason}`);
  }
  return problems ?? none;
}
