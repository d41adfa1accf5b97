import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { bundleForReplay, type ReplayBundle } from '../replay';
import { preflight } from '../replay/preflight';
import { openReplayer } from '../replay/replayer';
import { knownWords } from './words';
import type { ResolvedConfig } from '../config';
import type { Recorder } from './record-history';

/** A recorder, and what ends with it. */
export interface OpenedRecorder extends Recorder {
  close(): Promise<void>;
}

/** Options of {@link openRecorder}. */
export interface RecorderOptions {
  /** Fields whose texts stay as they are, unless they are secrets. @default none */
  readonly keep?: readonly string[];
  /** @default the project's workflows are bundled */
  readonly bundle?: ReplayBundle;
}

/**
 * Makes ready for recording runs of a project's workflows: bundles them, and sees that the replayer tells good from bad.
 *
 * @throws `WorkflowsNotBundled`, `ReplayerBroken`
 */
export async function openRecorder(config: ResolvedConfig, options: RecorderOptions = {}): Promise<OpenedRecorder> {
  const { keep = [], bundle = await bundleForReplay(config) } = options;
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
