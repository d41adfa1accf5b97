import { bundleWorkflows } from '../bundle-workflows';
import type { ResolvedConfig } from '../config';

/** Workflow code that histories are replayed against. */
export interface ReplayBundle {
  readonly code: string;
}

/**
 * Bundles the workflows of a configuration as its worker would: the user's, the ready ones, and the listener of the gate, which
 * does nothing in a worker.
 *
 * @throws `WorkflowsNotBundled`
 */
export function bundleForReplay(config: ResolvedConfig): Promise<ReplayBundle> {
  return bundleWorkflows(config.workflowsPath ?? undefined, new AbortController().signal);
}
