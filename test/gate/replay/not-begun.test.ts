import { bundleForReplay } from '../../../workers/replay';
import type { ResolvedConfig } from '../../../workers/config';
import { testWorkflowsPath } from '../../integration/support/workflow-bundle';
import { divergencesOf, installQuietRuntime, recorded } from './support/recorded';

installQuietRuntime();

test('a history whose first task nobody has done is told as one that says nothing, and replay ends', async () => {
  const bundle = await bundleForReplay({ workflowsPath: testWorkflowsPath } as ResolvedConfig);
  const [whole] = recorded.values();
  const begun = { ...whole!, history: { events: whole!.history.events!.slice(0, 2) } };
  expect([...(await divergencesOf(bundle, [begun])).values()].flat()).toMatchObject([
    { code: 'ReplayFailed', got: 'none' },
  ]);
});
