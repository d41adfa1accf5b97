import type { DataConverter } from '@temporalio/common';
import { openReplayer, type Replayer } from './replayer';
import type { ReplayBundle } from './bundle';
import type { NamedHistory } from './history';
import type { Divergence, ReplayVerdict } from './verdict';

/** Options of {@link replayHistories}. */
export interface ReplayOptions {
  /** How payloads of the histories are read, where the workers use a converter or codecs of their own. */
  readonly dataConverter?: DataConverter;
  /** Is told which workflows the bundle has, before the first verdict. */
  readonly onTypes?: (workflowTypes: readonly string[]) => void;
}

/**
 * Replays histories against workflow code, one after the other by one worker, and tells of each whether it replays and asks
 * for the same. Goes on after failures; keeps no history.
 */
export async function* replayHistories(
  bundle: ReplayBundle,
  histories: Iterable<NamedHistory> | AsyncIterable<NamedHistory>,
  options: ReplayOptions = {},
): AsyncGenerator<ReplayVerdict> {
  const replayer = openReplayer(bundle, options.dataConverter);
  try {
    for await (const given of histories) yield await verdictOn(given, replayer);
  } finally {
    await replayer.close();
  }
}

async function verdictOn(given: NamedHistory, replayer: Replayer): Promise<ReplayVerdict> {
  const { name, workflowId, workflowType, history, file } = given;
  const { error } = await replayer.replay(workflowId, history, 'inputs');
  const divergences: Divergence[] = error
    ? [{ code: error.name === 'DeterminismViolationError' ? 'Nondeterminism' : 'ReplayFailed', message: error.message }]
    : [];
  return { name, workflowId, workflowType, ...(file === undefined ? {} : { file }), divergences };
}
