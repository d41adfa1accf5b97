import { failureOf } from './audit-policy';
import type { Check, Verdict } from '../../workflows/checks';
import type { FailedCheck, GivenVerdict, HeldStage, LoadVerdict, OpenTarget, StageRef } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import { contractUnder, decidedOn } from '../../workflows/verdict';
import { parseDuration } from '../duration';
import type { PublishStage } from './warehouse';

/** What an audit may do about checks that fail. */
export interface AuditAsked {
  /** Whether the run would wait for a verdict. */
  readonly holds?: boolean;
  /** What was decided before. */
  readonly verdict?: GivenVerdict | undefined;
}

/** A target with the severities that a verdict on it gives, and the checks that it overrules. */
export interface JudgedTarget {
  readonly target: OpenTarget;
  readonly overruled?: readonly FailedCheck[];
}

/** The target as an earlier verdict on this content lets it be audited. */
export function judged(target: OpenTarget, stage: StageRef, verdict: GivenVerdict | undefined): JudgedTarget {
  const overruled = decidedOn(verdict, { table: target.target, sha256: stage.batch.sha256 });
  return verdict && overruled ? { target: targetUnder(target, verdict.verdict, overruled), overruled } : { target };
}

function targetUnder(target: OpenTarget, verdict: LoadVerdict, checks: readonly FailedCheck[]): OpenTarget {
  return { ...target, contract: contractUnder(target.contract, verdict, checks) };
}

/** A stage that is to be held. */
export interface Hold {
  /** Under `quarantine`: the rows that break a check set aside, and the batch as a whole let pass. */
  readonly rest: OpenTarget;
  /** Under `release`. */
  readonly all: OpenTarget;
  /** What it is held for, once the verdicts on both are known, and which of them the table would not take. */
  held(rest: readonly Verdict[], all: readonly Verdict[], impossible: NonNullable<HeldStage['impossible']>): HeldStage;
}

/**
 * Decides what becomes of a stage by what its checks say; `null`: it passes.
 *
 * @throws the code of the first that has failed, where nobody is to be asked
 */
export function holdFor(
  { target, overruled = [] }: JudgedTarget,
  checks: readonly Check[],
  verdicts: readonly Verdict[],
  { holds = false }: AuditAsked,
): Hold | null {
  const failed = verdicts.filter((v) => v.verdict === 'fail').map((v) => failedCheck(v, checks));
  if (failed.length === 0) return null;
  const policy = holdPolicy(target.contract);
  // A row without a key has no place in the table, whatever anybody says.
  if (!holds || !policy || failed.some(({ kind }) => kind === 'key')) throw failureOf(target.contract, verdicts)!;
  const whole = failed.filter(({ scope }) => scope === 'batch');
  const isWhole = ({ id }: Verdict): boolean => whole.some((check) => check.id === id);
  return {
    rest: targetUnder(targetUnder(target, 'release', whole), 'quarantine', failed),
    all: targetUnder(target, 'release', failed),
    held(rest, all, impossible) {
      // Whoever decides does so about all of it: also what was decided before, and what comes to light once it is tried.
      const later = [...rest, ...all].filter((v) => v.verdict === 'fail').map((v) => failedCheck(v, checks));
      const found = new Map([...overruled, ...failed, ...later].map((check) => [check.id, check]));
      const stays = rest.filter((v) => v.verdict === 'fail' || (v.broken > 0 && isWhole(v)));
      const not = Object.keys(impossible).length > 0 && { impossible };
      return { checks: [...found.values()], whole: stays.map(({ id }) => id), ...not, ...policy };
    },
  };
}

function failedCheck({ severity: _, verdict: __, ...facts }: Verdict, checks: readonly Check[]): FailedCheck {
  // What is no check of the contract's own, such as an anomaly, is about the batch.
  return { ...facts, scope: checks.find(({ id }) => id === facts.id)?.scope ?? 'batch' };
}

/** How long a load of this contract is held, and what then; `null` where it fails at once. */
function holdPolicy({ hold }: TableContract): Pick<HeldStage, 'forMs' | 'then'> | null {
  if (hold === false) return null;
  return { forMs: parseDuration(hold?.for ?? '7 days'), then: hold?.then ?? 'reject' };
}

/** What a receipt says of a verdict: nothing where content passed that nobody had to decide about. */
export function verdictOn(
  stages: readonly PublishStage[],
  verdict: GivenVerdict | undefined,
): GivenVerdict | undefined {
  return stages.some((s) => s.audited.overruled) ? verdict : undefined;
}
