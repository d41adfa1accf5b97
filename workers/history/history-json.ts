/** A history as proto JSON, which is what is kept in files. @module */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** A value that workflow code was told or has told, with how it is encoded. Both are base64. */
export interface PayloadJson extends JsonObject {
  readonly metadata: { readonly [name: string]: string };
}

/** An event: `<type>EventAttributes` holds what it tells. */
export interface EventJson extends JsonObject {
  readonly eventId: string;
  readonly eventType: string;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether it is a payload: an object with the name of an encoding. */
export const isPayload = (value: Json): value is PayloadJson =>
  isObject(value) && isObject(value['metadata']) && typeof value['metadata']['encoding'] === 'string';

const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
const base64 = (clear: string): string => Buffer.from(clear).toString('base64');

/** Such as `json/plain`. */
export const encodingOf = (payload: PayloadJson): string => text(payload.metadata['encoding'] ?? '');

/** The text of a payload. */
export const clearText = (payload: PayloadJson): string =>
  typeof payload['data'] === 'string' ? text(payload['data']) : '';

/** The value of a payload that is JSON; `undefined` where it is none. */
export function valueOf(payload: PayloadJson): Json | undefined {
  if (!encodingOf(payload).startsWith('json/')) return undefined;
  try {
    return JSON.parse(clearText(payload)) as Json;
  } catch {
    return undefined;
  }
}

/** The same payload with another value. */
export const withValue = (payload: PayloadJson, value: Json): PayloadJson => ({
  ...payload,
  data: base64(JSON.stringify(value)),
});

/** What an event tells: the name without `EventAttributes`, and the attributes. */
export function attributesOf(event: EventJson): readonly [name: string, attributes: JsonObject] {
  for (const [name, value] of Object.entries(event))
    if (name.endsWith('EventAttributes') && isObject(value)) return [name.slice(0, -'EventAttributes'.length), value];
  return ['', {}];
}

/** Every payload inside a part of an event. */
export function payloadsIn(node: Json | undefined): PayloadJson[] {
  if (node === undefined || node === null || typeof node !== 'object') return [];
  if (Array.isArray(node)) return node.flatMap((one: Json) => payloadsIn(one));
  if (isPayload(node)) return [node];
  return Object.values(node).flatMap((one) => payloadsIn(one));
}

/** The type of the workflow, as its first event says. */
export function workflowTypeOf(events: readonly EventJson[]): string {
  const [, started] = events[0] ? attributesOf(events[0]) : ['', {} as JsonObject];
  const type = started['workflowType'];
  return isObject(type) && typeof type['name'] === 'string' ? type['name'] : '';
}

/** The type of each activity, by the event that scheduled it. */
export function activityTypesOf(events: readonly EventJson[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const event of events) {
    const [name, attributes] = attributesOf(event);
    const type = attributes['activityType'];
    if (name === 'activityTaskScheduled' && isObject(type)) types.set(event.eventId, String(type['name']));
  }
  return types;
}

/** A history as it is written: an event a line, so that a change of one is a change of a line. */
export const historyText = (events: readonly EventJson[]): string =>
  `{"events": [\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;

/** The name of an encoding that only a codec or a converter of the project's own can read. */
export function foreignEncoding(event: EventJson): string | undefined {
  const encodings = payloadsIn(event).map(encodingOf);
  return encodings.find((encoding) => !/^(?:json\/|binary\/(?:null|plain)$)/.test(encoding));
}
