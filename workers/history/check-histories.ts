import { loadErrorOf } from '../../workflows/load-error';
import { readHistory, writeHistory, type NamedHistory } from '../replay';
import { activityTypesOf, attributesOf, foreignEncoding, isObject, payloadsIn, valueOf, type EventJson } from './history-json'; // prettier-ignore
import { runIdOf } from './history-shape';
import { shownIn } from './refusals';

/** A file as it lies there. */
export interface HistoryFile {
  readonly file: string;
  readonly content: Uint8Array;
}

/** What is wrong with a recorded history, and what to do. */
export interface HistoryTrouble {
  readonly kind: 'invalid' | 'encoding' | 'encrypted' | 'duplicate' | 'stale-workflow' | 'stale-protocol' | 'unredacted' | 'empty' | 'old'; // prettier-ignore
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly eventId?: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly title: string;
  readonly message: string;
}

/** What files are checked against. */
export interface CheckSurroundings {
  /** The workflows that the code here has. */
  readonly workflowTypes: readonly string[];
  /** The protocols of loads that the code here knows. */
  readonly protocols: readonly number[];
  /** Histories recorded before this instant are old. */
  readonly oldBefore: Date;
}

/** The protocols that `load` of this release can go on with. */
export const knownProtocols: readonly number[] = [1];

/** Checks files: whether each is a history that can be replayed, is of code that still exists, and tells nothing that it should not. */
export function checkHistories(files: readonly HistoryFile[], around: CheckSurroundings): HistoryTrouble[] {
  const runs = new Map<string, string>();
  return files.flatMap(({ file, content }) => {
    const read = readFile(file, content);
    if ('kind' in read) return [read];
    const { named, events, text } = read;
    const run = runIdOf(events) || named.workflowId;
    const first = runs.get(run);
    runs.set(run, first ?? file);
    const twice = first === undefined ? [] : [trouble('duplicate', file, 'The same run is recorded twice', `It is in ${first} too. Delete one of them.`)]; // prettier-ignore
    return [...twice, ...troublesOf(file, named, events, around)].map((one) => withLine(one, text));
  });
}

function readFile(file: string, content: Uint8Array) {
  const text = utf8(content);
  if (text === undefined)
    return trouble('encoding', file, 'The file is not UTF-8', 'A shell may have written it in another encoding. Record it again with `loadline history record`, which writes the file itself.'); // prettier-ignore
  try {
    const named = readHistory(text, file);
    return { named, text, events: (JSON.parse(writeHistory(named.history)) as { events: EventJson[] }).events };
  } catch (error) {
    const failure = loadErrorOf(error);
    if (failure?.type !== 'InvalidHistory') throw error;
    const { expected = 'a history', got = 'something else', remedy } = failure.details[0];
    const how = remedy.includes('history record')
      ? remedy
      : `${remedy} Or record the run by \`loadline history record\`.`;
    return trouble('invalid', file, 'No history that can be replayed', `Expected ${expected}, got ${got}. ${how}`);
  }
}

function utf8(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

const again = (workflowId: string): string => `Record it again: loadline history record '${workflowId}' --overwrite`;

function troublesOf(
  file: string,
  { workflowType, workflowId }: NamedHistory,
  events: readonly EventJson[],
  { workflowTypes, protocols, oldBefore }: CheckSurroundings,
): HistoryTrouble[] {
  const found: HistoryTrouble[] = [];
  const add = (...told: Parameters<typeof trouble>): void => void found.push(trouble(...told));
  if (!workflowTypes.includes(workflowType) && !workflowTypes.includes('default'))
    add('stale-workflow', file, `There is no workflow ${workflowType} any more`, 'Runs of it cannot be replayed. Delete the file if none is running, or export the workflow under this name again.'); // prettier-ignore
  const protocol = protocolsIn(events).find((one) => !protocols.includes(one));
  if (protocol !== undefined)
    add('stale-protocol', file, `Protocol ${protocol} is not known here`, `This release of loadline goes on with loads of protocol ${protocols.join(', ')}. Upgrade loadline, or delete the file if no such load is running.`); // prettier-ignore
  const opaque = events.map((event) => [event, foreignEncoding(event)] as const).find(([, encoding]) => encoding);
  if (opaque)
    add('encrypted', file, 'A payload cannot be read', `It is encoded as ${opaque[1]}, which replays nowhere but with its codec. Replay such runs from the server: loadline replay --query.`, opaque[0].eventId); // prettier-ignore
  const shown = events.map((event) => [event, shownIn(event)] as const).find(([, kind]) => kind);
  if (shown)
    add('unredacted', file, `It tells ${shown[1]}`, `At event ${shown[0].eventId}. ${again(workflowId)}`, shown[0].eventId); // prettier-ignore
  if (!events.some(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED'))
    add(
      'empty',
      file,
      'It says nothing of the code',
      `No workflow task has been completed in it. ${again(workflowId)}`,
    );
  const at = new Date(String(events.at(-1)?.['eventTime']));
  if (at < oldBefore)
    add('old', file, 'It was recorded long ago', `Its last event is of ${at.toISOString().slice(0, 10)}: what runs now may be of another shape. Record newer runs: loadline history record`); // prettier-ignore
  return found;
}

const warnings: readonly HistoryTrouble['kind'][] = ['old', 'empty'];

function trouble(
  kind: HistoryTrouble['kind'],
  file: string,
  title: string,
  message: string,
  eventId?: string,
): HistoryTrouble {
  const level = warnings.includes(kind) ? 'warning' : 'error';
  return { kind, level, file, title, message, ...(eventId === undefined ? {} : { eventId }) };
}

/** Where an event is a line, its line. */
function withLine(found: HistoryTrouble, text: string): HistoryTrouble {
  const at = found.eventId === undefined ? -1 : text.search(new RegExp(`"eventId":\\s*"${found.eventId}"`));
  return at < 0 ? found : { ...found, line: text.slice(0, at).split('\n').length };
}

/** The protocols that loads of a run were opened under. */
function protocolsIn(events: readonly EventJson[]): number[] {
  const types = activityTypesOf(events);
  return events.flatMap((event) => {
    const [name, attributes] = attributesOf(event);
    if (name !== 'activityTaskCompleted') return [];
    if (types.get(String(attributes['scheduledEventId'])) !== 'loadline.openLoad') return [];
    const [value] = payloadsIn(attributes['result']).map(valueOf);
    return isObject(value) && typeof value['protocol'] === 'number' ? [value['protocol']] : [];
  });
}
