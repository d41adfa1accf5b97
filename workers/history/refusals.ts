import { loadFailure } from '../../workflows/load-error';
import {
  encodingOf,
  foreignEncoding,
  isObject,
  isPayload,
  payloadsIn,
  valueOf,
  type EventJson,
  type Json,
} from './history-json';
import { isSecretField, unredactedIn } from './unredacted';

/** What a text tells that no file may; by its look, or by the fields that it stood in. */
export const secretIn = (text: string, fields: Iterable<string>): string | undefined =>
  unredactedIn(text) ?? ([...fields].some(isSecretField) ? 'a secret' : undefined);

/** A text that decides is kept, but never one that must not be shown. @throws `HistoryNotRedactable` */
export function refuseNeeded(
  workflowId: string,
  needed: ReadonlySet<string>,
  told: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  for (const text of needed) {
    const fields = told.get(text) ?? new Set<string>();
    const kind = secretIn(text, fields);
    if (kind === undefined) continue;
    const where = [...fields].filter(Boolean).join(', ') || 'an argument';
    throw notRedactable(workflowId, 'commands that do not depend on what must not be shown', `${kind} in ${where}`);
  }
}

/** Nobody can redact what is encrypted. @throws `HistoryNotRedactable` */
export function refuseOpaque(workflowId: string, events: readonly EventJson[]): void {
  const event = events.find(foreignEncoding);
  if (!event) return;
  throw loadFailure('HistoryNotRedactable', {
    object: workflowId,
    expected: 'payloads that can be read',
    got: `${foreignEncoding(event)} at event ${event.eventId}`,
    remedy:
      'Nothing was written. Runs whose payloads are encrypted are replayed from the server: `loadline replay --query`.',
  });
}

/** What is left is looked at once more, with names of fields and of workflows. @throws `HistoryNotRedactable` */
export function refuseShown(workflowId: string, events: readonly EventJson[]): void {
  for (const event of events) {
    const kind = shownIn(event);
    if (kind !== undefined) throw notRedactable(workflowId, 'nothing that tells of people, machines or secrets', `${kind} at event ${event.eventId}`); // prettier-ignore
  }
}

/** What an event still tells that it should not. */
export function shownIn(event: EventJson): string | undefined {
  const payloads = payloadsIn(event);
  const texts = payloads.map((payload) =>
    encodingOf(payload).startsWith('json/') ? textsIn(valueOf(payload) ?? null) : [],
  );
  const attributes = textsIn(event, isPayload);
  for (const text of [...attributes, ...texts.flat()]) {
    const kind = unredactedIn(text);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

function textsIn(value: Json, leaveOut: (value: Json) => boolean = () => false): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((one: Json) => textsIn(one, leaveOut));
  if (!isObject(value) || leaveOut(value)) return [];
  return [...Object.keys(value), ...Object.values(value).flatMap((one) => textsIn(one, leaveOut))];
}

/** The refusal of a run. */
export const notRedactable = (object: string, expected: string, got: string): Error =>
  loadFailure('HistoryNotRedactable', { object, expected, got });
