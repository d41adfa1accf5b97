import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { stepDetail } from './step-detail';
import type { temporal } from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import type { HistoryEvent } from './follow-history';

/** A step of a run that has ended: one activity, with all its attempts. */
export interface EndedStep {
  /** A step of Loadline's, or the name of an activity of the user's. */
  readonly name: string;
  readonly elapsedMs: number;
  /** The code of the failure, where it failed. */
  readonly failure?: string;
  /** What it found or did. */
  readonly detail?: string;
}

type Payloads = temporal.api.common.v1.IPayloads | null | undefined;
type Begun = { readonly name: string; readonly at: number; readonly input: Payloads };
type End = { readonly begun: unknown; readonly result?: Payloads; readonly failure?: string };

/** Makes a function that is given the events of a run, one after the other, and tells which step each of them ends. */
export function stepLog(client: Client): (event: HistoryEvent) => Promise<EndedStep | undefined> {
  const begun = new Map<string, Begun>();
  const loads = new Set<string>();
  const decode = async (payloads: Payloads): Promise<unknown> => {
    // Encrypted for somebody else: the step alone is shown.
    const values = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads?.payloads).catch(
      () => [],
    );
    return values[0];
  };
  return async (event) => {
    const starts = event.activityTaskScheduledEventAttributes;
    if (starts) {
      const { activityType, input } = starts;
      begun.set(String(event.eventId), { name: nameOf(activityType?.name ?? 'activity'), at: timeOf(event), input });
    }
    const end = endOf(event);
    const step = end && begun.get(String(end.begun));
    if (!step) return undefined;
    const told = { name: step.name, elapsedMs: Math.max(timeOf(event) - step.at, 0) };
    if (end.failure !== undefined) return { ...told, failure: end.failure };
    const detail = stepDetail({ ...told, input: await decode(step.input), result: await decode(end.result), loads });
    return { ...told, ...(detail ? { detail } : {}) };
  };
}

const nameOf = (activity: string): string => activity.replace(/^loadline\./, '').replace(/^openLoad$/, 'open');

function endOf(event: HistoryEvent): End | undefined {
  const done = event.activityTaskCompletedEventAttributes;
  if (done) return { begun: done.scheduledEventId, result: done.result };
  const failed = event.activityTaskFailedEventAttributes;
  if (failed)
    return { begun: failed.scheduledEventId, failure: failed.failure?.applicationFailureInfo?.type || 'failed' };
  const late = event.activityTaskTimedOutEventAttributes;
  if (late) return { begun: late.scheduledEventId, failure: 'timed out' };
  const cancelled = event.activityTaskCanceledEventAttributes;
  return cancelled ? { begun: cancelled.scheduledEventId, failure: 'cancelled' } : undefined;
}

function timeOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;
}
