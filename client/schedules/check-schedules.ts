import { checkRequestShape } from '../../activities/request-shape';
import { named } from '../../activities/deps';
import { checkRequest } from '../../workflows/plan-load';
import { loadErrorOf, loadFailure } from '../../workflows/load-error';
import type { ResolvedConfig } from '../../workers/config';
import { knownWorkflows, refuseUnknownWorkflow } from '../known-workflows';
import type { LoadRequest } from '../../workflows/contract';

/**
 * Checks what schedules start, before a server is asked: a workflow that does not exist would fail each run for ever.
 *
 * @throws `UnknownWorkflow`, `UnknownContract`, `UnknownStore`, `InvalidRequest`, `WorkflowsNotBundled`
 */
export async function checkSchedules(config: ResolvedConfig): Promise<void> {
  if (config.schedules.length === 0) return;
  const known = await knownWorkflows(config);
  for (const { id, workflow, load } of config.schedules) {
    refuseUnknownWorkflow(known, workflow, `schedules.${id}.workflow`);
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
