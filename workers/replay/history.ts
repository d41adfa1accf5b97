import type { temporal } from '@temporalio/proto';
import { loadFailure } from '../../workflows/load-error';
import { checkedEvents } from './event-json';
import { historyType, protoJson } from './history-types';

/** The events of a run. */
export type History = temporal.api.history.v1.IHistory;

/** A history, and which run it is of. */
export interface NamedHistory {
  /** The path of its file, or the workflow id. */
  readonly name: string;
  readonly workflowId: string;
  readonly runId?: string;
  readonly workflowType: string;
  readonly history: History;
  /** The file that it was read from. */
  readonly file?: string;
}

/**
 * Reads a history as `temporal workflow show -o json`, the Temporal UI and `loadline history record` write it.
 *
 * @param name - What it is called in reports: the path of its file.
 * @throws `InvalidHistory` for anything that cannot be replayed: decoded payloads, a dump of objects, missing events
 */
export function readHistory(text: string, name: string): NamedHistory {
  const history = decode(checkedEvents(eventsOf(parse(text, name), name), name), name);
  refuseGaps(history, name);
  return namedHistory(history, name);
}

/** Names a history by what its first event says. */
export function namedHistory(history: History, name?: string): NamedHistory {
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  const workflowId = started?.workflowId || name || 'unnamed';
  const runId = started?.originalExecutionRunId;
  return {
    name: name ?? workflowId,
    workflowId,
    ...(runId ? { runId } : {}),
    workflowType: started?.workflowType?.name ?? '',
    history,
  };
}

/** A history as text that can be replayed, one event a line. */
export function writeHistory(history: History): string {
  const { events = [] } = protoJson.toJson(historyType, historyType.fromObject(history)) as { events?: unknown[] };
  return `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    throw loadFailure('InvalidHistory', { object: name, expected: 'JSON', got: 'another text' });
  }
}

/** Some exports are the bare list. */
function eventsOf(json: unknown, name: string): readonly object[] {
  const events: unknown = Array.isArray(json) ? json : (json as { events?: unknown } | null)?.events;
  if (Array.isArray(events) && events.length > 0 && events.every((e) => typeof e === 'object' && e !== null))
    return events as readonly object[];
  throw loadFailure('InvalidHistory', {
    object: name,
    expected: 'an object with a list of events',
    got: Array.isArray(events) && events.length === 0 ? 'none' : 'something else',
  });
}

function decode(events: readonly object[], name: string): History {
  try {
    return protoJson.fromJson(historyType, { events }, { ignoreUnknownFields: true }) as History;
  } catch (cause) {
    const got = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
    throw loadFailure('InvalidHistory', { object: name, expected: 'events as Temporal writes them', got, cause });
  }
}

/** A history without its beginning, or with a hole, replays as another run. */
function refuseGaps({ events = [] }: History, name: string): void {
  const gap = events!.findIndex((event, index) => Number(event.eventId) !== index + 1);
  const expected = 'all events of a run, from 1 on';
  if (gap >= 0)
    throw loadFailure('InvalidHistory', {
      object: name,
      expected,
      got: `event ${Number(events![gap]!.eventId)} where event ${gap + 1} belongs`,
    });
  const strange = events!.find(({ eventType, workerMayIgnore }) => !eventType && !workerMayIgnore);
  if (strange)
    throw loadFailure('InvalidHistory', {
      object: name,
      expected: 'kinds of events that this version knows',
      got: `another in event ${Number(strange.eventId)}`,
    });
  if (!events![0]?.workflowExecutionStartedEventAttributes)
    throw loadFailure('InvalidHistory', { object: name, expected, got: 'a first event that starts no workflow' });
}
