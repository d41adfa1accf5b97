import { createHash } from 'node:crypto';
import {
  activityTypesOf,
  attributesOf,
  isObject,
  workflowTypeOf,
  type EventJson,
  type Json,
  type JsonObject,
} from './history-json';

/** Events that say when something happened on a worker, and not what. */
const aside = /^(?:workflowTask|activityTaskStarted|activityTaskCancelRequested|childWorkflowExecutionStarted)/;

/** What a run did, without when and on what: runs of one shape are replayed alike. Repetitions count once. */
export function historyShape(events: readonly EventJson[]): string {
  const types = activityTypesOf(events);
  const steps: string[] = [workflowTypeOf(events)];
  for (const event of events) {
    const [name, attributes] = attributesOf(event);
    if (aside.test(name)) continue;
    const type = ['activityType', 'workflowType', 'signalName', 'markerName']
      .map((field) => attributes[field])
      .find(Boolean);
    const on = types.get(String(attributes['scheduledEventId'])) ?? (isObject(type) ? type['name'] : type) ?? '';
    const step = [name, String(on), failureIn(attributes)].join(' ').trim();
    if (steps.at(-1) !== step) steps.push(step);
  }
  return createHash('sha256').update(steps.join('\n')).digest('hex').slice(0, 8);
}

/** Code catches failures by their type. */
function failureIn({ failure }: JsonObject): string {
  for (let at: Json | undefined = failure; isObject(at); at = at['cause']) {
    const info = at['applicationFailureInfo'];
    if (isObject(info) && typeof info['type'] === 'string') return info['type'];
  }
  return '';
}

/** Which run a history is of, as its first event says. */
export function runIdOf(events: readonly EventJson[]): string {
  const [, started] = events[0] ? attributesOf(events[0]) : ['', {}];
  return String((started as Readonly<Record<string, unknown>>)['originalExecutionRunId'] ?? '');
}

/** The file of a run, in a folder for each workflow type: first what it did, then which run it was. */
export function historyFile(events: readonly EventJson[]): { readonly folder: string; readonly name: string } {
  const folder = workflowTypeOf(events).replace(/[^\w.-]+/g, '-') || 'unnamed';
  return { folder, name: `${historyShape(events)}-${runIdOf(events).slice(-6)}.json` };
}
