import { makePlaceholders } from './placeholders';
import { attributesOf, encodingOf, isObject, isPayload, valueOf, withValue, type EventJson, type Json, type JsonObject, type PayloadJson } from './history-json'; // prettier-ignore

/** What decides about a text: where it stands, by the name of its field. */
export type MayStay = (text: string, field: string) => boolean;

/** A history without what it tells of people, machines and rows. */
export interface Redacted {
  readonly events: readonly EventJson[];
  /** Each text that workflow code was told and is told otherwise now, with the names of the fields it stood in. */
  readonly told: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What no replay looks at, and what tells of machines and people. */
const dropped = new Set([
  'identity', 'stackTrace', 'header', 'userMetadata', 'links', 'lastFailure', 'heartbeatDetails', 'lastHeartbeatDetails',
  'binaryChecksum', 'meteringMetadata', 'taskId', 'principal', 'completionCallbacks',
]); // prettier-ignore

/** Texts that people write, in the attributes themselves. */
const free = new Set(['message', 'reason', 'cause', 'control']);
const enumerated = /^[A-Z][A-Z_]+$/;

/** What workflow code is told; everything else it has told itself. */
const told =
  /^(?:workflowExecutionStarted|workflowExecutionSignaled|workflowExecutionUpdateAccepted|workflowExecutionCancelRequested|markerRecorded|(?:activityTask|childWorkflowExecution|nexusOperation)(?:Completed|Failed|TimedOut|Canceled|CancelRequestFailed)|(?:signal|requestCancel)ExternalWorkflowExecutionFailed)$/;

/** Replaces every text that may not stay, the same by the same, in all that a history holds. */
export function redact(events: readonly EventJson[], mayStay: MayStay): Redacted {
  const placeholders = makePlaceholders();
  const replaced = new Map<string, Set<string>>();
  const redactEvent = (event: EventJson): EventJson => {
    const [name] = attributesOf(event);
    const text = (clear: string, field: string): string => {
      if (mayStay(clear, field)) return clear;
      if (told.test(name)) replaced.set(clear, (replaced.get(clear) ?? new Set()).add(field));
      return placeholders.of(clear);
    };
    const payload = (found: PayloadJson): Json => {
      const value = valueOf(found);
      if (value !== undefined) return withValue(found, redactValue(value, '', text));
      return encodingOf(found) === 'binary/plain' ? { ...found, data: zeros(found) } : found;
    };
    return name === 'markerRecorded' ? marker(event, text, payload) : (walk(event, '', text, payload) as EventJson);
  };
  return { events: events.map(redactEvent), told: replaced };
}

/** Bytes of nobody, as many. */
const zeros = ({ data }: PayloadJson): string =>
  Buffer.alloc(Buffer.from(typeof data === 'string' ? data : '', 'base64').length).toString('base64');

type Text = (clear: string, field: string) => string;

function redactValue(value: Json, field: string, text: Text): Json {
  if (typeof value === 'string') return text(value, field);
  if (Array.isArray(value)) return value.map((one: Json) => redactValue(one, field, text));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redactValue(one, name, text)]));
}

function walk(node: Json, name: string, text: Text, payload: (found: PayloadJson) => Json): Json {
  if (typeof node === 'string') return free.has(name) && !enumerated.test(node) ? text(node, name) : node;
  if (Array.isArray(node)) return node.map((one: Json) => walk(one, name, text, payload));
  if (!isObject(node)) return node;
  if (isPayload(node)) return payload(node);
  // A queue of one worker's own is named by its process and its host.
  if (node['kind'] === 'TASK_QUEUE_KIND_STICKY') return { ...node, name: 'sticky' };
  const fields = Object.entries(node).filter(([field]) => !dropped.has(field));
  return Object.fromEntries(
    fields.map(([field, one]) => [field, ofTemporal(field) ? one : walk(one, field, text, payload)]),
  );
}

/** Search attributes that Temporal sets itself. */
const ofTemporal = (name: string): boolean => /^(?:Temporal[A-Z]\w*|BuildIds)$/.test(name);

/** What a marker says to Temporal stays; the result and the failure of a local activity are the code's. */
function marker(event: EventJson, text: Text, payload: (found: PayloadJson) => Json): EventJson {
  const [name, { details = {}, ...others }] = attributesOf(event);
  const result = isObject(details) ? details['result'] : undefined;
  const redacted =
    result === undefined ? details : { ...(details as JsonObject), result: walk(result, '', text, payload) };
  const bare = walk({ ...event, [`${name}EventAttributes`]: others }, '', text, payload) as EventJson;
  return { ...bare, [`${name}EventAttributes`]: { ...attributesOf(bare)[1], details: redacted } };
}
