import { isDeepStrictEqual } from 'node:util';
import { loadFailure } from '../../workflows/load-error';
import { readHistory } from '../replay';
import { isEquivalent, toldValue } from './equivalence';
import { attributesOf, historyText, payloadsIn, valueOf, workflowTypeOf, type EventJson, type Json } from './history-json'; // prettier-ignore
import { neededTexts } from './needed-texts';
import { redact } from './redact';
import { notRedactable, refuseNeeded, refuseOpaque, refuseShown, secretIn } from './refusals';
import { mayStay, wordsOf } from './words';
import type { Replayed, Replayer } from '../replay/replayer';
import type { ToldCommand, ToldPayload } from '../../workflows/replay-probe';

/** A run that is to be recorded. */
export interface RunToRecord {
  readonly workflowId: string;
  readonly events: readonly EventJson[];
}

/** What recording needs to know of the project. */
export interface Recorder {
  readonly replayer: Replayer;
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
  refuseOpaque(workflowId, run.events);
  const original = await replayOriginal(run, recorder);
  const words = new Set([...recorder.words, ...wordsOf(run.events)]);
  const stays = (needed: ReadonlySet<string>) => (text: string, field: string) =>
    needed.has(text) || mayStay(text, words) || (recorder.keep.includes(field) && !secretIn(text, [field]));
  const attempt = async (needed: ReadonlySet<string>) => {
    const redacted = redact(run.events, stays(needed));
    const replayed = await replayOf(workflowId, historyText(redacted.events), recorder);
    return { redacted, replayed, same: isEquivalent(original, replayed) };
  };
  let last = await attempt(new Set());
  const { told } = last.redacted;
  let needed: ReadonlySet<string> = new Set();
  if (!last.same) {
    const all = [...told.keys()];
    needed = await neededTexts(all, async (out) => (await attempt(new Set(all.filter((text) => !out.has(text))))).same);
    refuseNeeded(workflowId, needed, told);
    last = await attempt(needed);
    if (!last.same) throw notRedactable(workflowId, 'the commands of the run', 'others, however little is redacted');
  }
  const events = withAsked(last.redacted.events, last.replayed);
  const text = historyText(events);
  refuseShown(workflowId, events);
  await prove(workflowId, text, original, recorder);
  const fields = new Set([...needed].flatMap((one) => [...(told.get(one) ?? [])]));
  return { workflowType, text, events: events.length, redacted: told.size - needed.size, needed: [...fields] };
}

const replayOf = (workflowId: string, text: string, { replayer }: Recorder): Promise<Replayed> =>
  replayer.replay(workflowId, readHistory(text, workflowId).history, 'trace');

/** The file as it will be read, and nothing else, is what replays. */
async function prove(workflowId: string, text: string, original: Replayed, recorder: Recorder): Promise<void> {
  const replayed = await replayOf(workflowId, text, recorder);
  if (!isEquivalent(original, replayed))
    throw notRedactable(workflowId, 'the commands of the run', replayed.error?.message ?? 'others');
}

async function replayOriginal({ workflowId, events }: RunToRecord, recorder: Recorder): Promise<Replayed> {
  const replayed = await replayOf(workflowId, historyText(events), recorder);
  const got = replayed.error?.message ?? otherLoad(events, replayed);
  if (got === undefined) return replayed;
  throw loadFailure('HistoryNotReplayable', { object: workflowId, expected: 'a run of the code here', got });
}

/** Temporal compares no inputs: code that asks for another load replays all the same. */
function otherLoad(events: readonly EventJson[], { told }: Replayed): string | undefined {
  const asked = opensIn(told);
  const other = events.find((event) => {
    const input = asked.get(activityIdOf(event));
    const [payload] = input ? payloadsIn(attributesOf(event)[1]['input']) : [];
    return payload && !isDeepStrictEqual(valueOf(payload), toldValue(input?.[0]));
  });
  return other && `code that asks for another load at event ${other.eventId}`;
}

/** What the code asks `openLoad`, by the id of the activity. */
const opensIn = (told: readonly ToldCommand[]): ReadonlyMap<string | undefined, readonly ToldPayload[]> =>
  new Map(told.flatMap(({ id, input }) => (id !== undefined && input ? [[id, input] as const] : [])));

function activityIdOf(event: EventJson): string | undefined {
  const [name, { activityId }] = attributesOf(event);
  return name === 'activityTaskScheduled' && typeof activityId === 'string' ? activityId : undefined;
}

/** What `openLoad` is asked, as the code makes it of what it is told now: what stands there is what the gate compares. */
function withAsked(events: readonly EventJson[], { told }: Replayed): EventJson[] {
  const asked = opensIn(told);
  return events.map((event) => {
    const [name, attributes] = attributesOf(event);
    const input = asked.get(activityIdOf(event));
    if (!input) return event;
    return { ...event, [`${name}EventAttributes`]: { ...attributes, input: { payloads: input.map(payloadJson) } } };
  });
}

function payloadJson({ metadata, data }: ToldPayload): Json {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)])),
    ...(data?.length ? { data: base64(data) } : {}),
  };
}
