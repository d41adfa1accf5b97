import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import type { DataConverter, LoadedDataConverter } from '@temporalio/common';
import { compareTold } from './compare-told';
import { explainFailure, explainNondeterminism, placeOf } from './explain-failure';
import { preflight } from './preflight';
import { openReplayer, type Replayer } from './replayer';
import { placesIn, type FindPlace } from './source-place';
import type { ReplayBundle } from './bundle';
import type { NamedHistory } from './history';
import type { Divergence, ReplayVerdict } from './verdict';

/** Options of {@link replayHistories}. */
export interface ReplayOptions {
  /** How payloads of the histories are read, where the workers use codecs or a converter of their own. */
  readonly dataConverter?: DataConverter;
  /** Is told which workflows the bundle has, before the first verdict. */
  readonly onTypes?: (workflowTypes: readonly string[]) => void;
}

/**
 * Replays histories against workflow code, one after the other by one worker, and tells of each whether it replays and asks
 * for the same loads and timers. Goes on after failures, and keeps no history.
 *
 * Temporal's Core logs a warning for each failure unless the runtime is installed with its log off.
 *
 * @throws `ReplayerBroken` when good and bad histories of Loadline's own are not told apart
 *
 * @example
 * ```ts
 * const { readFile } = await import('node:fs/promises');
 *
 * const config = await loadConfig();
 * const histories = [readHistory(await readFile('histories/orders.json', 'utf8'), 'histories/orders.json')];
 * for await (const { name, divergences } of replayHistories(await bundleForReplay(config), histories))
 *   console.log(name, divergences.map(({ message }) => message));
 * ```
 */
export async function* replayHistories(
  bundle: ReplayBundle,
  histories: Iterable<NamedHistory> | AsyncIterable<NamedHistory>,
  options: ReplayOptions = {},
): AsyncGenerator<ReplayVerdict> {
  const { dataConverter, onTypes } = options;
  const converter = loadDataConverter(dataConverter);
  const replayer = openReplayer(bundle, dataConverter);
  const placeIn = placesIn(bundle.code);
  let tracer: Replayer | undefined;
  // A second worker, which keeps longer stacks, only where something diverges.
  const trace = () => (tracer ??= openReplayer({ code: `Error.stackTraceLimit = 60; ${bundle.code}` }, dataConverter));
  try {
    const types = await preflight(replayer, converter);
    onTypes?.(types);
    for await (const given of histories) {
      const divergences = !isBegun(given)
        ? [notBegun(given)]
        : isKnown(given, types)
          ? await divergencesOf(given, { replayer, trace, converter, placeIn })
          : [unknownType(given, types)];
      const { name, workflowId, workflowType, file } = given;
      yield { name, workflowId, workflowType, ...(file === undefined ? {} : { file }), divergences };
    }
  } finally {
    await replayer.close();
    await tracer?.close();
  }
}

interface Means {
  readonly replayer: Replayer;
  readonly trace: () => Replayer;
  readonly converter: LoadedDataConverter;
  readonly placeIn: FindPlace;
}

async function divergencesOf(
  given: NamedHistory,
  { replayer, trace, converter, placeIn }: Means,
): Promise<Divergence[]> {
  const { workflowId, history } = given;
  const { error, told } = await replayer.replay(workflowId, history, 'inputs');
  const found = await compareTold(history, told, converter);
  if (!error && found.length === 0) return found;
  const traced = await trace().replay(workflowId, history, 'trace');
  const placed = found.map((divergence) => ({ ...divergence, ...placeOf(divergence, history, traced.told, placeIn) }));
  if (!error) return placed;
  const failure =
    error.name === 'DeterminismViolationError'
      ? explainNondeterminism(history, traced.told, error, placeIn)
      : explainFailure(given.workflowType, error, placeIn);
  // From where they part on, ids stand for other commands.
  const before = placed.filter(({ eventId = 0 }) => failure.eventId === undefined || eventId < failure.eventId);
  return [failure, ...before];
}

/** The SDK waits for ever for what a history without an answered task would come to. */
const isBegun = ({ history: { events } }: NamedHistory): boolean =>
  (events ?? []).some((event) => event.workflowTaskCompletedEventAttributes);

function notBegun({ workflowType }: NamedHistory): Divergence {
  const [expected, got] = ['a task of the workflow that was done', 'none'];
  const message = `The history of ${workflowType} ends before its first task was done, and says nothing. Leave it out.`;
  return { code: 'ReplayFailed', expected, got, message };
}

/** A bundle may have a workflow for every name. */
const isKnown = ({ workflowType }: NamedHistory, types: readonly string[]): boolean =>
  types.includes(workflowType) || types.includes('default');

function unknownType({ workflowType }: NamedHistory, types: readonly string[]): Divergence {
  const [expected, got] = [`a workflow ${workflowType} in the bundle`, [...types].sort().join(', ')];
  return {
    code: 'ReplayFailed',
    expected,
    got,
    message:
      `The bundle has no workflow ${workflowType}, only ${got}. If it was renamed, export it under both names until its ` +
      'last run has ended; if it is gone on purpose, remove its histories.',
  };
}
