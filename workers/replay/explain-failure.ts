import { commandOf, commandText, comparedKinds, eventName, eventText } from './event-words';
import type { FindPlace, SourcePlace } from './source-place';
import type { temporal } from '@temporalio/proto';
import type { ToldCommand } from '../../workflows/replay-probe';
import type { History } from './history';
import type { Divergence } from './verdict';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const advice =
  'Running workflows of this kind would stop at their next step. Deploy it as a new worker version and leave them pinned to theirs, ' +
  'keep the old way behind `patched()`, or undo the change.';

/**
 * What a history has that the code does not do, or the other way round.
 *
 * @param told - Every command of the code, with the stack of its call.
 */
export function explainNondeterminism(
  history: History,
  told: readonly ToldCommand[],
  error: Error,
  placeIn: FindPlace,
): Divergence {
  const said = saidBy(error);
  const named = /HistoryEvent\(id: (\d+), \w+\)/.exec(said)?.[1];
  const parting = partingOf(history, told);
  // Where Core says an earlier event, the comparison here has missed something.
  const trusted =
    parting && (named === undefined || Number(parting.event.eventId) <= Number(named)) ? parting : undefined;
  const event = trusted?.event ?? history.events?.find(({ eventId }) => String(Number(eventId)) === named);
  const command = trusted?.command;
  const expected = event ? eventText(event) : undefined;
  const got = trusted ? (command ? commandText(command) : 'nothing more') : undefined;
  const place = placeIn(command?.stack) ?? placeIn(trusted?.before?.stack);
  const facts = expected
    ? `History has ${expected}; the code does ${got ?? 'something else'}.`
    : `${firstSentence(said)}.`;
  return {
    code: 'Nondeterminism',
    ...(event ? { eventId: Number(event.eventId) } : named === undefined ? {} : { eventId: Number(named) }),
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    message: `${facts} ${advice}`,
    ...place,
  };
}

/** Why a history could not be replayed to its end, in the words of whatever failed. */
export function explainFailure(workflowType: string, error: Error, placeIn: FindPlace): Divergence {
  const said = saidBy(error);
  const encoding = /Unknown encoding: (\S+)/.exec(said)?.[1];
  const remedy =
    encoding === undefined
      ? 'Correct the code, or the history if it is no true one: whether they fit is not known.'
      : 'Replay it by a program that gives replayHistories the dataConverter of your workers.';
  return {
    code: 'ReplayFailed',
    message: `${workflowType} cannot be replayed: ${firstSentence(said)}. ${remedy}`,
    got: firstSentence(said),
    ...placeIn(stackIn(error.message)),
  };
}

/** The line of the command that the event of a divergence comes of. */
export function placeOf(
  { eventId }: Divergence,
  { events }: History,
  told: readonly ToldCommand[],
  placeIn: FindPlace,
): SourcePlace {
  const event = events?.find((one) => Number(one.eventId) === eventId);
  const command = event && commandOf(event);
  return placeIn(told.find(({ kind, id }) => kind === command?.kind && id === command.id)?.stack) ?? {};
}

/** Core tells a failure as the text of a structure, with the sentence inside. */
export function saidBy({ message }: Error): string {
  const inner = /message: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
  return unescaped(inner ?? message).replace('[TMPRL1100] Nondeterminism error: ', '');
}

const stackIn = (message: string): string => unescaped(/stack_trace: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? '');

const unescaped = (text: string): string => text.replace(/\\n/g, '\n').replace(/\\(["'\\])/g, '$1');

const firstSentence = (text: string): string => (text.split('\n')[0] ?? '').replace(/[.\s]+$/, '');

/** Where history and code part: the event, what the code makes in its stead, and what it made before. */
interface Parting {
  readonly event: HistoryEvent;
  readonly command?: ToldCommand;
  readonly before?: ToldCommand;
}

function partingOf({ events }: History, told: readonly ToldCommand[]): Parting | undefined {
  const commands = told.filter(({ kind }) => comparedKinds.includes(kind));
  let at = 0;
  for (const event of events ?? []) {
    const has = commandOf(event);
    if (!has || isOfPatch(event)) continue;
    const made = commands[at];
    if (made && made.kind === has.kind && sameOrUnsaid(made.id, has.id) && sameOrUnsaid(made.type, has.type)) at++;
    else {
      const before = commands
        .slice(0, at)
        .reverse()
        .find(({ stack }) => stack !== undefined);
      return { event, ...(made && { command: made }), ...(before && { before }) };
    }
  }
  return undefined;
}

const sameOrUnsaid = (a: string | undefined, b: string | undefined): boolean =>
  a === undefined || b === undefined || a === b;

/** Core sets a search attribute of its own beside the marker of a patch. */
function isOfPatch(event: HistoryEvent): boolean {
  const { searchAttributes } = event.upsertWorkflowSearchAttributesEventAttributes ?? {};
  const names = Object.keys(searchAttributes?.indexedFields ?? {});
  return (
    eventName(event) === 'UpsertWorkflowSearchAttributes' && names.length === 1 && names[0] === 'TemporalChangeVersion'
  );
}
