import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { preflight } from '../replay/preflight';
import { openReplayer } from '../replay/replayer';
import type { ReplayBundle } from '../replay';

/** Which workflows a bundle has. @throws `ReplayerBroken` */
export async function workflowTypesIn(bundle: ReplayBundle): Promise<readonly string[]> {
  const replayer = openReplayer(bundle);
  try {
    return await preflight(replayer, loadDataConverter(undefined));
  } finally {
    await replayer.close();
  }
}
