import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

/** The activities of a run, in the order they were scheduled, and how each ended. */
export interface RanActivity {
  readonly type: string;
  readonly summary: string;
  /** The attempt that ended it; 0 when none has started. */
  readonly attempt: number;
  readonly outcome: 'completed' | 'failed' | 'canceled' | 'timed-out' | 'open';
  readonly input: unknown;
}

export async function fetchHistory(client: Client, workflowId: string, runId?: string): Promise<History> {
  return client.workflow.getHandle(workflowId, runId).fetchHistory();
}

/** What a history tells of its activities. */
export function activitiesOf(history: History): RanActivity[] {
  const ran = new Map<string, { -readonly [K in keyof RanActivity]: RanActivity[K] }>();
  for (const event of history.events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      ran.set(String(event.eventId), {
        type: scheduled.activityType?.name ?? '',
        summary: String(payload(event.userMetadata?.summary)),
        attempt: 0,
        outcome: 'open',
        input: payload(scheduled.input?.payloads?.[0]),
      });
    }
    const of = (id: unknown) => ran.get(String(id));
    const started = event.activityTaskStartedEventAttributes;
    if (started) Object.assign(of(started.scheduledEventId) ?? {}, { attempt: started.attempt });
    const ends = {
      completed: event.activityTaskCompletedEventAttributes,
      failed: event.activityTaskFailedEventAttributes,
      canceled: event.activityTaskCanceledEventAttributes,
      'timed-out': event.activityTaskTimedOutEventAttributes,
    };
    for (const [outcome, end] of Object.entries(ends))
      if (end) Object.assign(of(end.scheduledEventId) ?? {}, { outcome });
  }
  return [...ran.values()];
}

/** The names of a run's activities without their prefix: `openLoad extract stage audit publish`. */
export function stepsOf(history: History): string {
  return activitiesOf(history)
    .map((a) => a.type.replace('loadline.', ''))
    .join(' ');
}

/** Everything that a history holds, as one text: its JSON, and each payload in clear. */
export function textOf(history: History): string {
  const json = historyToJSON(history as Parameters<typeof historyToJSON>[0]);
  const clear = [...json.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
    Buffer.from(data!, 'base64').toString(),
  );
  return [json, ...clear].join('\n');
}

function payload(found: temporal.api.common.v1.IPayload | null | undefined): unknown {
  const text = found?.data?.length ? Buffer.from(found.data).toString() : '';
  return text === '' ? '' : (JSON.parse(text) as unknown);
}
