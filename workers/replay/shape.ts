import { createHash, type Hash } from 'node:crypto';
import { decode } from '@temporalio/common/lib/internal-non-workflow';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { OpenLoadInput } from '../../workflows/contract';
import { loadStructure } from './load-structure';
import type { NamedHistory } from './history';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/**
 * What two histories have in common that replay alike: the workflow type, and event by event what workflow code can see of it,
 * without the values of a single run. Nothing is collapsed: code may count how often it goes round.
 */
export async function shapeOf(
  { workflowType, history }: NamedHistory,
  converter: LoadedDataConverter,
): Promise<string> {
  const hash = createHash('sha256').update(workflowType);
  const opened = new Set<string>();
  for (const event of history.events ?? []) {
    if (isAttempt(event)) continue;
    add(hash, event.eventType, ...seenOf(event));
    const { activityTaskScheduledEventAttributes: activity, activityTaskCompletedEventAttributes: completed } = event;
    if (activity?.activityType?.name === 'loadline.openLoad') {
      opened.add(String(event.eventId));
      add(hash, await structureIn(activity.input?.payloads, converter));
    }
    if (completed && opened.has(String(completed.scheduledEventId)))
      add(hash, await protocolIn(completed.result?.payloads, converter));
  }
  return hash.digest('hex').slice(0, 24);
}

const { EventType } = temporal.api.enums.v1;

/** A workflow task that timed out or failed is tried again: workflow code sees the one that completed. */
const isAttempt = ({ eventType }: HistoryEvent): boolean =>
  eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED ||
  eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED ||
  eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT ||
  eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED;

function add(hash: Hash, ...parts: readonly unknown[]): void {
  hash.update(JSON.stringify(parts));
}

/** What workflow code sees of an event, apart from values. */
function seenOf(event: HistoryEvent): unknown[] {
  const started = event.workflowExecutionStartedEventAttributes;
  if (started)
    return [
      Boolean(started.parentWorkflowExecution),
      Boolean(started.continuedExecutionRunId),
      (started.attempt ?? 1) > 1,
      (started.input?.payloads ?? []).map(outlineOf),
    ];
  const flags = event.workflowTaskCompletedEventAttributes?.sdkMetadata;
  // Sets, in whatever order they are written.
  if (flags) return [flags.langUsedFlags, flags.coreUsedFlags].map((used) => [...(used ?? [])].sort((a, b) => a - b));
  return [commandSeen(event), outcomeSeen(event)];
}

function commandSeen(event: HistoryEvent): unknown {
  const marker = event.markerRecordedEventAttributes;
  if (marker) return [marker.markerName, markerSeen(marker)];
  return (
    event.activityTaskScheduledEventAttributes?.activityType?.name ??
    lengthSeen(event.timerStartedEventAttributes?.startToFireTimeout) ??
    event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name ??
    event.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName ??
    event.workflowExecutionSignaledEventAttributes?.signalName ??
    event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name ??
    Object.keys(event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields ?? {}).sort()
  );
}

/** Code catches failures by their type. */
function outcomeSeen(event: HistoryEvent): unknown {
  const failure =
    event.activityTaskFailedEventAttributes?.failure ??
    event.activityTaskTimedOutEventAttributes?.failure ??
    event.childWorkflowExecutionFailedEventAttributes?.failure ??
    event.workflowExecutionFailedEventAttributes?.failure;
  const cause = failure?.cause ?? failure;
  return [cause?.applicationFailureInfo?.type, cause?.timeoutFailureInfo?.timeoutType];
}

type Marker = temporal.api.history.v1.IMarkerRecordedEventAttributes;

/** The id of a patch, the type of a local activity: small texts that Core writes as JSON. */
function markerSeen({ markerName, details }: Marker): unknown {
  const texts = Object.values(details ?? {})
    .flatMap(({ payloads }) => payloads ?? [])
    .map(jsonOf);
  if (markerName === 'core_patch') return texts;
  return texts.map((value) => (value as { activity_type?: unknown } | null)?.activity_type);
}

/**
 * A length that somebody wrote is told apart from any other. One that was computed, such as until midnight, only by its
 * order of magnitude.
 */
function lengthSeen(length: { seconds?: unknown; nanos?: number | null } | null | undefined): unknown {
  if (!length) return undefined;
  const ms = Number(length.seconds ?? 0) * 1000 + (length.nanos ?? 0) / 1e6;
  const isWritten = ms % 60_000 === 0 || (ms < 60_000 && ms % 100 === 0) || ms < 100;
  return isWritten ? ms : ['about', Math.floor(Math.log2(ms))];
}

/** The names and kinds of what a payload holds. */
function outlineOf(payload: Payload): unknown {
  return outline(jsonOf(payload), 0);
}

function outline(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [outline(value[0], depth + 1)];
  if (typeof value !== 'object' || value === null || depth > 5) return value === null ? null : typeof value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, outline(inner, depth + 1)]);
}

function jsonOf({ data }: Payload): unknown {
  try {
    return data ? (JSON.parse(Buffer.from(data).toString()) as unknown) : null;
  } catch {
    // Encrypted, or no JSON: nothing can be seen of it.
    return 'unreadable';
  }
}

async function structureIn(
  payloads: readonly Payload[] | null | undefined,
  converter: LoadedDataConverter,
): Promise<unknown> {
  const input = await valueIn<OpenLoadInput>(payloads, converter);
  return input && loadStructure(input);
}

async function protocolIn(
  payloads: readonly Payload[] | null | undefined,
  converter: LoadedDataConverter,
): Promise<unknown> {
  return (await valueIn<{ protocol?: unknown }>(payloads, converter))?.protocol;
}

async function valueIn<T>(
  payloads: readonly Payload[] | null | undefined,
  converter: LoadedDataConverter,
): Promise<T | undefined> {
  try {
    const [payload] = await decode(converter.payloadCodecs, [...(payloads ?? [])]);
    return payload && converter.payloadConverter.fromPayload<T>(payload);
  } catch {
    return undefined;
  }
}
