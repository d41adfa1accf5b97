import { openReplayer } from '../replay/replayer';
import { readHistory, type ReplayBundle } from '../replay';

/** The start of a run of a ready workflow, which every bundle has: enough for the bundle to tell what else it has. */
const start = JSON.stringify({
  events: [
    {
      eventId: '1',
      eventTime: '2026-01-01T00:00:00Z',
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
      workflowExecutionStartedEventAttributes: {
        workflowType: { name: 'sweepStages' },
        taskQueue: { name: 'none' },
        originalExecutionRunId: '00000000-0000-4000-8000-000000000000',
        firstExecutionRunId: '00000000-0000-4000-8000-000000000000',
        workflowId: 'types',
        attempt: 1,
      },
    },
    {
      eventId: '2',
      eventTime: '2026-01-01T00:00:00Z',
      eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
      workflowTaskScheduledEventAttributes: { taskQueue: { name: 'none' }, attempt: 1 },
    },
    {
      eventId: '3',
      eventTime: '2026-01-01T00:00:00Z',
      eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED',
      workflowTaskStartedEventAttributes: { scheduledEventId: '2' },
    },
  ],
});

/** Which workflows a bundle has. */
export async function workflowTypesIn(bundle: ReplayBundle): Promise<readonly string[]> {
  const replayer = openReplayer(bundle);
  try {
    const { types, error } = await replayer.replay('types', readHistory(start, 'types').history, 'types');
    if (types) return types;
    throw error ?? new Error('The bundle did not tell its workflows.');
  } finally {
    await replayer.close();
  }
}
