import { isDeepStrictEqual } from 'node:util';
import { defaultPayloadConverter } from '@temporalio/common';
import { loadFailure } from '../../workflows/load-error';
import { isEquivalent } from './equivalence';
import { attributesOf, encodingOf, historyText, isObject, payloadsIn, valueOf, workflowTypeOf, type EventJson, type Json } from './history-json'; // prettier-ignore
import { historyOf } from './proto-json';
import { neededTexts } from './needed-texts';
import { redact, type Redacted } from './redact';
import { isSecretField, unredactedIn } from './unredacted';
import { mayStay, wordsOf } from './words';
import type { Replayed, ReplaySession } from './replay-session';

/** A run that is to be recorded. */
export interface RunToRecord {
  readonly workflowId: string;
  readonly events: readonly EventJson[];
}

/** What recording needs to know of the project. */
export interface Recorder {
  readonly session: ReplaySession;
  /** Texts that stay as they are: names of the project and what its code is written with. */
  readonly words: ReadonlySet<string>;
  /** Fields whose texts stay as they are, because somebody said so. */
  readonly keep: readonly string[];
}

/** A history that can be shown and replays as the run does. */
export interface RecordedHistory {
  readonly workflowType: string;
  readonly text: string;
  readonly events: number;
  /** How many texts have been replaced. */
  readonly redacted: number;
  /** The fields of texts that had to stay: without them the workflow goes another way. */
  readonly needed: readonly string[];
}

/**
 * Redacts the history of a run, and proves by replay that the workflow code makes the same commands of it.
 *
 * @throws `HistoryNotReplayable` when the code here does not replay the run itself; `HistoryNotRedactable` when what must
 *   not be shown is what the code decides by, or is encrypted
 */
export async function recordHistory(run: RunToRecord, recorder: Recorder): Promise<RecordedHistory> {
  const { workflowId } = run;
  const workflowType = workflowTypeOf(run.events);
  const original = await replayOriginal(run, recorder);
  const words = new Set([...recorder.words, ...wordsOf(run.events)]);
  const stays = (needed: ReadonlySet<string>) => (text: string, field: string) =>
    needed.has(text) || mayStay(text, words) || (recorder.keep.includes(field) && !isShown(text, [field]));
  const attempt = async (needed: ReadonlySet<string>) => {
    const redacted = redact(run.events, stays(needed));
    const replayed = await replayOf(workflowId, redacted.events, recorder);
    return { redacted, replayed, same: isEquivalent(original, replayed) };
  };
  let last = await attempt(new Set());
  refuseOpaque(workflowId, last.redacted);
  const { told } = last.redacted;
  let needed: ReadonlySet<string> = new Set();
  if (!last.same) {
    const all = [...told.keys()];
    needed = await neededTexts(all, async (out) => (await attempt(new Set(all.filter((text) => !out.has(text))))).same);
    refuseNeeded(workflowId, needed, told);
    last = await attempt(needed);
    if (!last.same) throw notRedactable(workflowId, 'the commands of the run', 'others, however little is redacted');
  }
  const events = withInputs(last.redacted.events, last.replayed);
  const text = historyText(events);
  refuseShown(workflowId, events);
  await prove(workflowId, text, original, recorder);
  const fields = new Set([...needed].flatMap((one) => [...(told.get(one) ?? [])]));
  return { workflowType, text, events: events.length, redacted: told.size - needed.size, needed: [...fields] };
}

const replayOf = (workflowId: string, events: readonly EventJson[], { session }: Recorder): Promise<Replayed> =>
  session.replay(workflowId, historyOf(historyText(events)));

/** The file as it will be read, and nothing else, is what replays. */
async function prove(workflowId: string, text: string, original: Replayed, { session }: Recorder): Promise<void> {
  const replayed = await session.replay(workflowId, historyOf(text));
  if (!isEquivalent(original, replayed))
    throw notRedactable(workflowId, 'the commands of the run', replayed.error?.message ?? 'others');
}

async function replayOriginal(run: RunToRecord, recorder: Recorder): Promise<Replayed> {
  const replayed = await replayOf(run.workflowId, run.events, recorder);
  const got = replayed.error?.message ?? otherLoad(run.events, replayed);
  if (got === undefined) return replayed;
  throw loadFailure('HistoryNotReplayable', { object: run.workflowId, expected: 'a run of the code here', got });
}

/** Temporal compares no inputs: code that asks for another load replays all the same. */
function otherLoad(events: readonly EventJson[], { commands }: Replayed): string | undefined {
  for (const [event, command] of opensOf(events, commands)) {
    const recorded = valueOf(payloadsIn(attributesOf(event)[1]['input'])[0]!);
    if (!isDeepStrictEqual(recorded, JSON.parse(JSON.stringify(command.args[0] ?? null))))
      return `code that asks for another load at event ${event.eventId}`;
  }
  return undefined;
}

function opensOf(events: readonly EventJson[], commands: Replayed['commands']) {
  const opens = commands.filter(({ type }) => type === 'loadline.openLoad');
  return opens.flatMap((command) => {
    const event = events.find((one) => isScheduled(one, command.id));
    return event ? [[event, command] as const] : [];
  });
}

const isScheduled = (event: EventJson, id: string): boolean => {
  const [name, attributes] = attributesOf(event);
  return name === 'activityTaskScheduled' && attributes['activityId'] === id;
};

/** The inputs of activities as the code makes them of what it is told now: what stands there is what a gate compares. */
function withInputs(events: readonly EventJson[], { commands }: Replayed): EventJson[] {
  const inputs = new Map(commands.filter(({ kind }) => kind === 'activity').map(({ id, args }) => [id, args]));
  return events.map((event) => {
    const [name, attributes] = attributesOf(event);
    const args = name === 'activityTaskScheduled' ? inputs.get(String(attributes['activityId'])) : undefined;
    if (!args || !isObject(attributes['input'])) return event;
    const payloads = args.map(payloadJson);
    return { ...event, [`${name}EventAttributes`]: { ...attributes, input: { payloads } } };
  });
}

function payloadJson(value: unknown): Json {
  const { metadata, data } = defaultPayloadConverter.toPayload(value);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)])),
    ...(data?.length ? { data: base64(data) } : {}),
  };
}

const isShown = (text: string, fields: Iterable<string>): string | undefined =>
  unredactedIn(text) ?? ([...fields].some(isSecretField) ? 'a secret' : undefined);

/** A text that decides is kept, but never one that must not be shown. */
function refuseNeeded(
  workflowId: string,
  needed: ReadonlySet<string>,
  told: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  for (const text of needed) {
    const fields = told.get(text) ?? new Set<string>();
    const kind = isShown(text, fields);
    if (kind === undefined) continue;
    const where = [...fields].filter(Boolean).join(', ') || 'an argument';
    throw notRedactable(workflowId, 'commands that do not depend on what must not be shown', `${kind} in ${where}`);
  }
}

function refuseOpaque(workflowId: string, { opaque: [first] }: Redacted): void {
  if (!first) return;
  throw loadFailure('HistoryNotRedactable', {
    object: workflowId,
    expected: 'payloads that can be read',
    got: `${first.encoding} at event ${first.eventId}`,
    remedy: 'Nothing was written. Runs whose payloads are encrypted are replayed from the server: `loadline replay --query`.',
  });
}

/** What is left is looked at once more, with names of fields and of workflows. */
function refuseShown(workflowId: string, events: readonly EventJson[]): void {
  for (const event of events) {
    const kind = shownIn(event);
    if (kind !== undefined) throw notRedactable(workflowId, 'nothing that tells of people, machines or secrets', `${kind} at event ${event.eventId}`); // prettier-ignore
  }
}

/** What an event still tells that it should not. */
export function shownIn(event: EventJson): string | undefined {
  const payloads = payloadsIn(event);
  const texts = payloads.map((payload) => (encodingOf(payload).startsWith('json/') ? textsIn(valueOf(payload) ?? null) : []));
  const attributes = textsIn(event).filter((text) => !/^[A-Za-z0-9+/]{8,}={0,2}$/.test(text));
  for (const text of [...attributes, ...texts.flat()]) {
    const kind = unredactedIn(text);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((one: Json) => textsIn(one));
  return isObject(value) ? [...Object.keys(value), ...Object.values(value).flatMap(textsIn)] : [];
}

const notRedactable = (object: string, expected: string, got: string): Error =>
  loadFailure('HistoryNotRedactable', { object, expected, got });
