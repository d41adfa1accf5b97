import { Context } from '@temporalio/activity';
import { canaryOf } from '../../workflows/canary-run';

/** Runs whose origin is known; an entry is some 100 bytes. */
const remembered = 1000;
const known = new Map<string, string | null>();

/**
 * Which canary the run of this activity belongs to. A workflow that a canary has started may have any id, so the server
 * is asked where it comes from; an answer that does not come is an error, which is tried again: a load must not reach a
 * table before it is known that it may.
 */
export async function canaryOfRun(versioned: boolean): Promise<string | null> {
  const { info, client } = Context.current();
  const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
  const own = canaryOf(workflowId);
  // Canaries are pinned to a version, and what they start stays on it.
  if (own !== null || !versioned) return own;
  const found = known.get(runId);
  if (found !== undefined) return found;
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const canary = canaryOf(raw.workflowExecutionInfo?.rootExecution?.workflowId ?? '');
  if (known.size >= remembered) known.clear();
  known.set(runId, canary);
  return canary;
}
