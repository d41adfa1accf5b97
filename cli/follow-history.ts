import type { temporal } from '@temporalio/proto';
import type { Client } from '@temporalio/client';

/** An event of a workflow's history, as it comes over the wire. */
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Which run to follow. */
export interface FollowedRun {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * The events of a workflow as they happen, from the first one until its run is closed, and on into the run that
 * continues it.
 */
export async function* followHistory(
  client: Client,
  { workflowId, runId }: FollowedRun,
  signal: AbortSignal,
): AsyncGenerator<HistoryEvent> {
  let run: string | undefined = runId;
  let token: Uint8Array | undefined;
  while (run !== undefined && !signal.aborted) {
    // A signal of its own, since every call leaves a listener on it.
    const { history, nextPageToken } = await client.withAbortSignal(AbortSignal.any([signal]), () =>
      client.workflowService.getWorkflowExecutionHistory({
        namespace: client.options.namespace,
        execution: { workflowId, runId: run ?? null },
        waitNewEvent: true,
        nextPageToken: token ?? null,
      }),
    );
    const events = history?.events ?? [];
    yield* events;
    token = nextPageToken?.length ? nextPageToken : undefined;
    if (token === undefined) run = nextRunOf(events.at(-1));
  }
}

function nextRunOf(last: HistoryEvent | undefined): string | undefined {
  const next =
    last?.workflowExecutionContinuedAsNewEventAttributes ??
    last?.workflowExecutionCompletedEventAttributes ??
    last?.workflowExecutionFailedEventAttributes ??
    last?.workflowExecutionTimedOutEventAttributes;
  return next?.newExecutionRunId || undefined;
}
