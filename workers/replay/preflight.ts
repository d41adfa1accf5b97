import { encodeToPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { temporal } from '@temporalio/proto';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { loadFailure } from '../../workflows/load-error';
import type { LoadRequest, OpenLoadInput } from '../../workflows/contract';
import { compareTold } from './compare-told';
import { saidBy } from './explain-failure';
import type { History } from './history';
import type { Replayed, Replayer } from './replayer';

const request: LoadRequest = {
  pipeline: 'loadline-preflight',
  into: 'preflight',
  mode: 'merge',
  from: { kind: 'files', store: 'preflight', glob: '*.csv' },
  interval: { start: '2026-01-01T00:00:00.000Z', end: '2026-01-02T00:00:00.000Z' },
};
const at = Date.UTC(2026, 0, 2);

/**
 * Replays a good history and two bad ones of the ready workflow `loadTable`, which every bundle has. Resolves to the workflows of
 * the bundle.
 *
 * @throws `ReplayerBroken` when the good one is found bad, or a bad one good
 */
export async function preflight(replayer: Replayer, converter: LoadedDataConverter): Promise<readonly string[]> {
  const replay = async (history: Promise<History>, mode: 'types' | 'inputs' = 'inputs') => {
    const given = await history;
    const replayed = await replayer.replay('loadline-preflight', given, mode);
    return { ...replayed, found: await compareTold(given, replayed.told, converter) };
  };
  const good = await replay(historyOf(converter), 'types');
  if (good.error) throw broken('a good history to replay', foundBy(good));
  if (good.told.length !== 1 || !good.types)
    throw broken('the bundle to tell what it asks for', 'a bundle without the listener');
  if (good.found.length > 0) throw broken('a good history to be found good', `one with ${good.found[0]!.code}`);
  const moved = await replay(historyOf(converter, { activityType: 'loadline.extract' }));
  if (moved.error?.name !== 'DeterminismViolationError')
    throw broken('a history with another activity to be found bad', foundBy(moved));
  const changed = await replay(historyOf(converter, { pipeline: 'loadline-preflight-before' }));
  if (changed.error || changed.found[0]?.code !== 'LoadKeyChanged')
    throw broken('a history with another load key to be found bad', foundBy(changed));
  return good.types;
}

const foundBy = ({ error }: Replayed): string =>
  error ? saidBy(error).split(/\n/)[0]!.slice(0, 300) : 'one that was found good';

function broken(expected: string, got: string): Error {
  return loadFailure('ReplayerBroken', { object: 'the bundle', expected, got });
}

/** The start of a run of `loadTable`, up to the activity that opens the load. */
async function historyOf(
  converter: LoadedDataConverter,
  { activityType = 'loadline.openLoad', pipeline = request.pipeline } = {},
): Promise<History> {
  const payloads = async (value: unknown): Promise<{ payloads: Payload[] }> => ({
    payloads: (await encodeToPayloads(converter, value)) ?? [],
  });
  const opened: OpenLoadInput = { requests: [{ ...request, pipeline }], nominalTime: new Date(at).toISOString() };
  const taskQueue = { name: 'loadline-preflight' };
  const events: readonly Omit<temporal.api.history.v1.IHistoryEvent, 'eventId' | 'eventTime'>[] = [
    {
      eventType: types.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
      workflowExecutionStartedEventAttributes: {
        workflowType: { name: 'loadTable' },
        taskQueue,
        input: await payloads(request),
        originalExecutionRunId: runId,
        firstExecutionRunId: runId,
        workflowId: 'loadline-preflight',
        attempt: 1,
        workflowTaskTimeout: tenSeconds,
      },
    },
    {
      eventType: types.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
      workflowTaskScheduledEventAttributes: { taskQueue, startToCloseTimeout: tenSeconds, attempt: 1 },
    },
    {
      eventType: types.EVENT_TYPE_WORKFLOW_TASK_STARTED,
      workflowTaskStartedEventAttributes: { scheduledEventId: 2 as never },
    },
    {
      eventType: types.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
      workflowTaskCompletedEventAttributes: { scheduledEventId: 2 as never, startedEventId: 3 as never },
    },
    {
      eventType: types.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
      activityTaskScheduledEventAttributes: {
        activityId: '1',
        activityType: { name: activityType },
        taskQueue,
        input: await payloads(opened),
        workflowTaskCompletedEventId: 4 as never,
      },
    },
  ];
  const eventTime = { seconds: (at / 1000) as never, nanos: 0 };
  return { events: events.map((event, index) => ({ ...event, eventId: (index + 1) as never, eventTime })) };
}

const tenSeconds = { seconds: 10 as never };
const types = temporal.api.enums.v1.EventType;
const runId = '00000000-0000-4000-8000-000000000001';
