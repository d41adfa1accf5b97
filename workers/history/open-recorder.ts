import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { bundleForReplay } from '../replay';
import { preflight } from '../replay/preflight';
import { openReplayer } from '../replay/replayer';
import { knownWords } from './words';
import type { ResolvedConfig } from '../config';
import type { Recorder } from './record-history';

/** A recorder, and what ends with it. */
export interface OpenedRecorder extends Recorder {
  close(): Promise<void>;
}

/**
 * Makes ready for recording runs of a project's workflows: bundles them, and sees that the replayer tells good from bad.
 *
 * @throws `WorkflowsNotBundled`, `ReplayerBroken`
 */
export async function openRecorder(config: ResolvedConfig, keep: readonly string[] = []): Promise<OpenedRecorder> {
  const bundle = await bundleForReplay(config);
  const replayer = openReplayer(bundle);
  const close = (): Promise<void> => replayer.close();
  try {
    await preflight(replayer, loadDataConverter(undefined));
  } catch (error) {
    await close();
    throw error;
  }
  return { replayer, words: knownWords(config, bundle), keep, close };
}
