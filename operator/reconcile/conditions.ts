/** The conditions of a group, in the order in which they are always told. */
export const CONDITION_TYPES = [
  'Available',
  'Progressing',
  'Degraded',
  'TrafficOpsReachable',
  'CoverageComplete',
] as const;

export type ConditionType = (typeof CONDITION_TYPES)[number];
export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** What was found of one condition just now. */
export interface Finding {
  readonly status: ConditionStatus;
  /** One word for programs: docs/conditions.md. */
  readonly reason: string;
  /** For people: what is wrong, on which object, and what to do. */
  readonly message: string;
}

export type Findings = Readonly<Record<ConditionType, Finding>>;

/** As Kubernetes keeps it. */
export interface Condition extends Finding {
  readonly type: ConditionType;
  readonly observedGeneration: number;
  /** RFC 3339, in whole seconds: when `status` changed last. */
  readonly lastTransitionTime: string;
}

/** As it is read from a status, which another version may have written. */
export type KnownCondition = Omit<Condition, 'type'> & { readonly type: string };

/** What changed so that people ought to hear of it. */
export interface Transition {
  readonly type: ConditionType;
  readonly finding: Finding;
  readonly before: Finding | null;
}

/** The conditions after `findings`: a status that did not change keeps the time of its last change. */
export function updateConditions(
  before: readonly KnownCondition[],
  findings: Findings,
  { generation, nowMs }: { readonly generation: number; readonly nowMs: number },
): Condition[] {
  const now = new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return CONDITION_TYPES.map((type) => {
    const known = before.find((condition) => condition.type === type);
    const finding = findings[type];
    return {
      type,
      ...finding,
      observedGeneration: generation,
      lastTransitionTime: known?.status === finding.status ? known.lastTransitionTime : now,
    };
  });
}

/** Conditions whose status or reason changed; a first finding that is as it should be is no news. */
export function transitions(before: readonly KnownCondition[], findings: Findings): Transition[] {
  return CONDITION_TYPES.flatMap((type): Transition[] => {
    const finding = findings[type];
    const known = before.find((condition) => condition.type === type) ?? null;
    if (known === null) return isGood(type, finding) ? [] : [{ type, finding, before: null }];
    return known.status === finding.status && known.reason === finding.reason
      ? []
      : [{ type, finding, before: known }];
  });
}

/** Whether this is how things should be: `Progressing` and `Degraded` should be false, the others true. */
export function isGood(type: ConditionType, { status }: Finding): boolean {
  return status === (type === 'Progressing' || type === 'Degraded' ? 'False' : 'True');
}
