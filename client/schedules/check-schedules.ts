import { checkRequestShape } from '../../activities/request-shape';
import { didYouMean } from '../../activities/contracts/did-you-mean';
import { named } from '../../activities/deps';
import * as readyWorkflows from '../../workflows/ready';
import { checkRequest } from '../../workflows/plan-load';
import { loadErrorOf, loadFailure } from '../../workflows/load-error';
import { importModule, unreadableModule, type ResolvedConfig } from '../../workers/config';
import type { LoadRequest } from '../../workflows/contract';

/**
 * Checks what schedules start, before a server is asked: a workflow that does not exist would fail each run for ever.
 *
 * @throws `UnknownWorkflow`, `UnknownContract`, `UnknownStore`, `InvalidRequest`, `WorkflowsNotBundled`
 */
export async function checkSchedules(config: ResolvedConfig): Promise<void> {
  if (config.schedules.length === 0) return;
  const { names, anyName } = await knownWorkflows(config);
  for (const { id, workflow, load } of config.schedules) {
    if (!anyName && !names.includes(workflow))
      throw loadFailure('UnknownWorkflow', {
        object: `schedules.${id}.workflow`,
        expected: `one of ${names.join(', ')}`,
        got: `"${workflow}"`,
        remedy: didYouMean(workflow, names),
      });
    if (load !== null) checkLoad(id, load as LoadRequest, config);
  }
}

/** A request that no run could load, told with the schedule that it stands in. */
function checkLoad(id: string, request: LoadRequest, { contracts, stores }: ResolvedConfig): void {
  try {
    checkRequestShape(request);
    checkRequest(request, named(contracts, request.into, 'UnknownContract'));
    if (request.from.kind === 'files') named(stores, request.from.store, 'UnknownStore');
  } catch (error) {
    const failure = loadErrorOf(error);
    if (!failure) throw error;
    const [{ object, ...told }] = failure.details;
    throw loadFailure(failure.type, { ...told, object: `schedules.${id}.load: ${object}` });
  }
}

/** The user's exported workflows and the ready ones. A default export takes any name. */
async function knownWorkflows({ workflowsPath }: ResolvedConfig): Promise<{ names: string[]; anyName: boolean }> {
  const ready = Object.keys(readyWorkflows);
  if (workflowsPath === null) return { names: ready, anyName: false };
  try {
    const exported = Object.entries(await importModule(workflowsPath)).filter(
      ([, value]) => typeof value === 'function',
    );
    const names = exported.map(([name]) => name).filter((name) => name !== 'default');
    return { names: [...names, ...ready], anyName: names.length < exported.length };
  } catch (cause) {
    const what = 'The workflows cannot be read.';
    throw unreadableModule(
      { code: 'WorkflowsNotBundled', what, file: workflowsPath, expected: 'a module that exports workflows' },
      cause,
    );
  }
}
