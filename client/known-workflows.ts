import { didYouMean } from '../activities/contracts/did-you-mean';
import * as readyWorkflows from '../workflows/ready';
import { loadFailure } from '../workflows/load-error';
import { importModule, unreadableModule, type ResolvedConfig } from '../workers/config';

/** What a worker of this configuration can run. */
export interface KnownWorkflows {
  /** The user's exported workflows and the ready ones. */
  readonly names: readonly string[];
  /** Whether there is a default export, which takes any name. */
  readonly anyName: boolean;
}

/** Reads which workflows there are. @throws `WorkflowsNotBundled` when the module cannot be imported */
export async function knownWorkflows({ workflowsPath }: ResolvedConfig): Promise<KnownWorkflows> {
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

/** Refuses a name that no worker could run. @throws `UnknownWorkflow` */
export function refuseUnknownWorkflow({ names, anyName }: KnownWorkflows, workflow: string, object: string): void {
  if (anyName || names.includes(workflow)) return;
  throw loadFailure('UnknownWorkflow', {
    object,
    expected: `one of ${names.join(', ')}`,
    got: `"${workflow}"`,
    remedy: didYouMean(workflow, names),
  });
}

/**
 * Refuses to start a workflow that the module of `worker.workflows` does not export: Temporal would try it for ever. Where the
 * configuration names no module, or it cannot be imported here, the worker alone knows.
 *
 * @throws `UnknownWorkflow`
 */
export async function checkWorkflow(config: ResolvedConfig, workflow: string): Promise<void> {
  if (config.workflowsPath === null) return;
  const known = await knownWorkflows(config).catch(() => null);
  if (known) refuseUnknownWorkflow(known, workflow, `run ${workflow}`);
}
