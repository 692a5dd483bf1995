import { describeProblem, leavesGap, type PlanProblem } from '../../common/assignment/plan-problem.ts';
import type { Finding, Findings } from './conditions.ts';

/** What one member was last known to do. */
export interface MemberFacts {
  readonly name: string;
  readonly live: boolean;
  /** Its gate is open: it knows all caches. */
  readonly ready: boolean;
  /** 0: none. */
  readonly appliedRevision: number;
  /** It is not live, and that is no trouble yet: it starts, or is being replaced. */
  readonly starting: boolean;
}

/** Everything that the conditions of a group tell of. */
export interface ConditionFacts {
  readonly paused: boolean;
  readonly leaving: boolean;
  readonly members: readonly MemberFacts[];
  /** Of its assignment document; 0: none yet. */
  readonly revision: number;
  /** It is new, and monitors may not have had the time to apply it. */
  readonly revisionIsYoung: boolean;
  /** Its StatefulSet replaces pods. */
  readonly rollingOut: boolean;
  /** Cachegroups that it takes or gives. */
  readonly handovers: number;
  /** It is down, and others poll its cachegroups. */
  readonly offDuty: boolean;
  /** How many cachegroups it polls for others that are down. */
  readonly standingIn: number;
  /** Why its objects could not be applied; null: they are. */
  readonly applyError: string | null;
  readonly trafficOps: TrafficOpsFacts;
  readonly problems: readonly PlanProblem[];
  readonly cachegroups: number;
}

export interface TrafficOpsFacts {
  readonly url: string;
  readonly reachable: boolean;
  /** null: no snapshot was ever accepted. */
  readonly acceptedAt: string | null;
  /** What is wrong with Traffic Ops or with its last snapshot; null: nothing. */
  readonly problem: string | null;
  /** The problem is that its newest snapshot lacks many caches, which may be a mistake, and waits for its time. */
  readonly isHeldBack: boolean;
}

/** More problems than this are counted, not told: a condition is read on a screen. */
const TOLD_PROBLEMS = 5;

/** The conditions of a group, from facts alone. The reasons stand in docs/conditions.md. */
export function conditionsOf(facts: ConditionFacts): Findings {
  return {
    Available: available(facts),
    Progressing: progressing(facts),
    Degraded: degraded(facts),
    TrafficOpsReachable: trafficOpsReachable(facts.trafficOps),
    CoverageComplete: coverageComplete(facts),
  };
}

function available({ members, trafficOps }: ConditionFacts): Finding {
  const ready = members.filter((member) => member.live && member.ready).length;
  const told = `${ready} of ${members.length} monitors know all their caches and serve`;
  if (members.length === 0) {
    return finding('False', 'NoReplicas', 'the group has no monitors: spec.replicas is 0; scale it up');
  }
  if (ready === members.length) return finding('True', 'MonitorsReady', told);
  if (ready > 0) return finding('True', 'SomeMonitorsReady', `${told}; not: ${names(members)}`);
  if (trafficOps.acceptedAt === null) {
    return finding(
      'False',
      'NoSnapshot',
      `no monitor can start: no snapshot of the CDN has come from ${trafficOps.url} yet; see TrafficOpsReachable`,
    );
  }
  return finding('False', 'NoMonitorReady', `${told}; see the pods and their logs: ${names(members)}`);
}

function progressing(facts: ConditionFacts): Finding {
  const { paused, leaving, members, revision, revisionIsYoung, rollingOut, handovers } = facts;
  if (leaving) {
    return finding(
      'True',
      'HandingOver',
      `the group is deleted; its pods go when others poll all that it polls`,
    );
  }
  if (paused) return finding('False', 'Paused', 'spec.paused is true: nothing of the group is changed');
  if (rollingOut) return finding('True', 'RollingOut', 'its pods are being replaced one by one');
  if (handovers > 0) {
    return finding(
      'True',
      'HandingOver',
      `${count(handovers, 'cachegroup')} on the way between this group and others`,
    );
  }
  const starting = members.filter((member) => member.starting);
  if (starting.length > 0) {
    const list = starting.map(({ name }) => name).join(', ');
    return finding('True', 'Starting', `waiting for the first sign of life from ${list}`);
  }
  const behind = members.filter((member) => member.live && member.appliedRevision < revision);
  if (behind.length > 0 && !revisionIsYoung) {
    const list = behind.map(({ name }) => name).join(', ');
    return finding('True', 'ApplyingRevision', `revision ${revision} is not applied yet by ${list}`);
  }
  return finding('False', 'Settled', settledMessage(revision));
}

const settledMessage = (revision: number): string =>
  revision === 0
    ? 'no assignment yet: it is made when there is a snapshot; see TrafficOpsReachable'
    : `revision ${revision} is in force`;

function degraded(facts: ConditionFacts): Finding {
  const { applyError, offDuty, standingIn, members, problems } = facts;
  if (applyError !== null) return finding('True', 'ApplyFailed', applyError);
  const silent = members.filter(({ live }) => !live);
  const down = silent.filter(({ starting }) => !starting);
  if (offDuty && silent.length < members.length) {
    return finding(
      'True',
      'FailedOver',
      'monitors of the group are back; other groups poll its cachegroups until they have stayed for spec.failbackAfterSeconds',
    );
  }
  if (offDuty && down.length > 0) {
    return finding(
      'True',
      'FailedOver',
      'no monitor of the group is live, so other groups poll its cachegroups; see why its pods do not run',
    );
  }
  if (down.length > 0) {
    const list = down.map(({ name }) => name).join(', ');
    return finding(
      'True',
      'MonitorsDown',
      `no sign of life from ${list}; see these pods, their nodes and logs`,
    );
  }
  const own = problems.filter((problem) => !leavesGap(problem));
  if (own.length > 0) return finding('True', 'SpecProblem', told(own));
  const more =
    standingIn === 0 ? '' : `; it polls ${count(standingIn, 'cachegroup')} of groups that are down`;
  const live =
    silent.length === 0
      ? `all ${members.length} monitors are live`
      : `${count(silent.length, 'monitor')} starting`;
  return finding('False', 'AsExpected', `${live}${more}`);
}

function trafficOpsReachable({ url, reachable, problem, acceptedAt, isHeldBack }: TrafficOpsFacts): Finding {
  const kept =
    acceptedAt === null ? 'there is no snapshot yet' : `the snapshot of ${acceptedAt} stays in force`;
  if (!reachable) {
    return finding('False', 'Unreachable', `${url} does not answer: ${problem ?? 'not asked yet'}; ${kept}`);
  }
  if (problem === null) return finding('True', 'Answers', `${url} answers; ${kept}`);
  const told = `${url} answers, but ${problem}; ${kept}`;
  return isHeldBack ? finding('False', 'SnapshotHeldBack', told) : finding('False', 'SnapshotRefused', told);
}

function coverageComplete({ problems, cachegroups, trafficOps }: ConditionFacts): Finding {
  if (trafficOps.acceptedAt === null) {
    return finding(
      'Unknown',
      'NoSnapshot',
      'which cachegroups there are is not known until Traffic Ops has answered',
    );
  }
  const gaps = problems.filter(leavesGap);
  if (gaps.length > 0) return finding('False', 'CachegroupsUnpolled', told(gaps));
  return finding(
    'True',
    'AllAssigned',
    `all ${cachegroups} cachegroups of the CDN have a group that polls them`,
  );
}

const finding = (status: Finding['status'], reason: string, message: string): Finding => ({
  status,
  reason,
  message,
});

function told(problems: readonly PlanProblem[]): string {
  const lines = problems.slice(0, TOLD_PROBLEMS).map(describeProblem);
  const more = problems.length - lines.length;
  return `${lines.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function names(members: readonly MemberFacts[]): string {
  return members
    .filter(({ live, ready }) => !live || !ready)
    .map(({ name, live }) => `${name} (${live ? 'does not know all caches yet' : 'no sign of life'})`)
    .join(', ');
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
