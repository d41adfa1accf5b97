import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { ReplayBundle } from '../../../../workers/replay';

const root = join(__dirname, '..', '..', '..', '..');
/** The tests' own workflows, relative to the repository. */
export const userWorkflows = 'test/integration/support/workflows.ts';

/** One change in a source: the text must occur once. */
export type Change = readonly [file: string, before: string, after: string];

/** The bundle of a file of workflows with changes in its sources; `folder` is where these were. */
export async function changedBundle(
  changes: readonly Change[],
  { listens = true, of = userWorkflows } = {},
): Promise<ReplayBundle & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-replay-'));
  try {
    cpSync(join(root, 'workflows'), join(folder, 'workflows'), { recursive: true });
    mkdirSync(join(folder, of, '..'), { recursive: true });
    cpSync(join(root, of), join(folder, of));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    for (const [file, before, after] of changes) {
      const source = readFileSync(join(folder, file), 'utf8');
      if (source.split(before).length !== 2) throw new Error(`${file} does not hold this once: ${before}`);
      writeFileSync(
        join(folder, file),
        source.replace(before, () => after),
      );
    }
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(folder, of),
      ...(listens && { workflowInterceptorModules: [join(folder, 'workflows', 'replay-probe.ts')] }),
      logger: new DefaultLogger('ERROR', () => undefined),
    });
    return { code, folder };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
