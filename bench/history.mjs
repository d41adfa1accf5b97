// What a run's history says of where its time went.
import proto from '@temporalio/proto';

const { HistoryEvent, History } = proto.temporal.api.history.v1;
const { EventType } = proto.temporal.api.enums.v1;

/** The events of a run. */
export async function readHistory({ temporal }, { workflowId, runId }) {
  const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  return events;
}

/** Milliseconds of each activity from being scheduled to being completed, by the server's clock. */
export function activityTimes(events) {
  const scheduled = byId(events);
  const times = {};
  for (const event of events) {
    const done = event.activityTaskCompletedEventAttributes;
    if (!done) continue;
    const begun = scheduled.get(String(done.scheduledEventId));
    const step = begun.activityTaskScheduledEventAttributes.activityType.name.replace('loadline.', '');
    times[step] = (times[step] ?? 0) + timeOf(event) - timeOf(begun);
  }
  return times;
}

/** Counts, bytes and milliseconds of a run, by the server's clock. */
export function profileOf(events) {
  const ids = byId(events);
  const sum = { workflowTaskQueued: 0, workflowTask: 0, activityQueued: 0, activity: 0 };
  for (const event of events) {
    const task = event.workflowTaskCompletedEventAttributes;
    if (task) addParts(sum, ids, event, task, 'workflowTask');
    const activity = event.activityTaskCompletedEventAttributes;
    if (activity) addParts(sum, ids, event, activity, 'activity');
  }
  const types = {};
  for (const { eventType } of events) {
    const name = EventType[eventType].replace('EVENT_TYPE_', '');
    types[name] = (types[name] ?? 0) + 1;
  }
  return {
    counts: { events: events.length, ...types },
    bytes: History.encode({ events }).finish().length,
    bytesByType: bytesByType(events),
    ms: { ...sum, whole: timeOf(events.at(-1)) - timeOf(events[0]) },
  };
}

function addParts(sum, ids, event, { scheduledEventId, startedEventId }, name) {
  const started = timeOf(ids.get(String(startedEventId)));
  sum[`${name}Queued`] += started - timeOf(ids.get(String(scheduledEventId)));
  sum[name] += timeOf(event) - started;
}

function bytesByType(events) {
  const bytes = {};
  for (const event of events) {
    const name = EventType[event.eventType].replace('EVENT_TYPE_', '');
    bytes[name] = (bytes[name] ?? 0) + HistoryEvent.encode(event).finish().length;
  }
  return bytes;
}

const byId = (events) => new Map(events.map((event) => [String(event.eventId), event]));

const timeOf = ({ eventTime }) => Number(eventTime.seconds) * 1000 + (eventTime.nanos ?? 0) / 1e6;
