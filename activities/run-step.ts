import { CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { loadErrorOf, loadFailure } from '../workflows/load-error';
import { loadErrors } from '../workflows/load-error-code';
import type { LoadReceipt, OpenLoad } from '../workflows/contract';
import { workerFull } from './stores/store-error';
import type { StepContext, StepProgress, Warehouse } from './warehouses/warehouse';

const heartbeatMs = 2_000;
const fewAttempts = 5;

/** A claim that must stay alive while a step works. */
export interface KeptClaim {
  readonly warehouse: Warehouse;
  readonly open: OpenLoad;
}

/**
 * Runs the body of an activity: heartbeats, renews the claim, stops on cancellation, and turns whatever is thrown into
 * a failure that holds no value of a row. The only place that knows Temporal's side of a step.
 */
export async function runStep<T>(
  buildId: string,
  claim: KeptClaim | null,
  body: (context: StepContext) => Promise<T>,
): Promise<T> {
  const activity = Context.current();
  const { info } = activity;
  const stop = new AbortController();
  const onCancel = (): void => stop.abort(activity.cancellationSignal.reason);
  activity.cancellationSignal.addEventListener('abort', onCancel, { once: true });
  if (activity.cancellationSignal.aborted) onCancel();
  let progress: StepProgress | null = null;
  const beat = setInterval(() => activity.heartbeat(progress), heartbeatMs);
  const renewing = claim ? keepClaim(claim, stop) : undefined;
  const context: StepContext = {
    actor: {
      workflowId: info.workflowExecution?.workflowId ?? '',
      runId: info.workflowExecution?.runId ?? '',
      activityId: info.activityId,
      scheduledAtMs: info.scheduledTimestampMs,
      attempt: info.attempt,
      buildId,
    },
    signal: stop.signal,
    progress: (done) => (progress = done),
  };
  try {
    const result = await body(context);
    tell(activity, outcomeOf(result));
    return result;
  } catch (error) {
    const failure = failureOf(stop.signal.aborted ? stop.signal.reason : error, info.attempt);
    tell(activity, loadErrorOf(failure)?.type ?? failure.name);
    throw failure;
  } finally {
    clearInterval(beat);
    clearInterval(renewing);
    activity.cancellationSignal.removeEventListener('abort', onCancel);
  }
}

/** Renews the lease in time; when another attempt has taken over, stops the step at once. */
function keepClaim({ warehouse, open }: KeptClaim, stop: AbortController): NodeJS.Timeout {
  let renewing = false;
  return setInterval(() => {
    // One that waits for a busy warehouse is not joined by more.
    if (renewing) return;
    renewing = true;
    warehouse
      .renew(open)
      .then((mine) => {
        if (!mine) stop.abort(loadFailure('Fenced', { object: open.loadKey, loadKey: open.loadKey }));
      })
      // A renewal that fails costs the lease at worst; publish finds out by the fence.
      .catch(() => undefined)
      .finally(() => (renewing = false));
  }, warehouse.claimLeaseMs / 4);
}

/** One line per step that a late attempt also writes, when nobody listens to its result any more. */
function tell(activity: Context, outcome: string): void {
  const { activityType, attempt } = activity.info;
  activity.log.info(`${activityType} attempt ${attempt}: ${outcome}`, { outcome });
}

function outcomeOf(result: unknown): string {
  const { outcome, receipt } = (result ?? {}) as { outcome?: string; receipt?: LoadReceipt | null };
  return outcome ?? receipt?.outcome ?? 'done';
}

/** What Temporal is told: a code that says whether to try again, and never a value. */
function failureOf(error: unknown, attempt: number): Error {
  if (error instanceof CancelledFailure) return error;
  const known = (loadErrorOf(error) as ApplicationFailure | undefined) ?? workerFull(error);
  if (!known) {
    const { name = 'Error', code } = (error ?? {}) as NodeJS.ErrnoException;
    const failure = loadFailure('Unexpected', { object: code ?? name, got: frameOf(error) });
    return attempt < fewAttempts ? failure : final(failure);
  }
  const few = loadErrors[known.type as keyof typeof loadErrors].retry === 'few';
  return few && attempt >= fewAttempts ? final(known) : known;
}

/** Where an unknown error came from. Its message may hold values, so it goes no further than this process. */
function frameOf(error: unknown): string {
  const frame = error instanceof Error ? /\n\s+at (.+)/.exec(error.stack ?? '')?.[1] : undefined;
  return `${error instanceof Error ? error.name : typeof error}${frame ? ` at ${frame}` : ''}`;
}

const final = (failure: ApplicationFailure): Error => Object.assign(failure, { nonRetryable: true });
