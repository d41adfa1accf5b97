import type { BundleOptions } from '@temporalio/worker';

/** The module of the ready workflows. */
export const readyWorkflowsPath = require.resolve('../workflows/ready');
const withUserWorkflowsPath = require.resolve('../workflows/with-user-workflows');
/** The listener of the gate, which does nothing in a worker: what is replayed is what is run. */
export const probePath = require.resolve('../workflows/replay-probe');
const placeholder = 'loadline-user-workflows';

/** What is bundled: a module, and the files that names in it stand for. */
export interface WorkflowEntry {
  readonly workflowsPath: string;
  readonly alias: Readonly<Record<string, string>>;
}

/**
 * The ready workflows beside those of the user. By a name that the bundler resolves, because Temporal puts its entry
 * point beside the workflows' module, from where its packages must be found.
 */
export function workflowEntry(userWorkflowsPath: string | undefined): WorkflowEntry {
  return userWorkflowsPath === undefined || userWorkflowsPath === readyWorkflowsPath
    ? { workflowsPath: readyWorkflowsPath, alias: {} }
    : { workflowsPath: withUserWorkflowsPath, alias: { [`${placeholder}$`]: userWorkflowsPath } };
}

/** Adds the ready workflows to what is bundled. Doing so twice does it once. */
export function withReadyWorkflows(bundle: BundleOptions): BundleOptions {
  if (bundle.workflowsPath === withUserWorkflowsPath) return bundle;
  const { workflowsPath, alias } = workflowEntry(bundle.workflowsPath);
  const { webpackConfigHook } = bundle;
  return {
    ...bundle,
    workflowsPath,
    workflowInterceptorModules: [...(bundle.workflowInterceptorModules ?? []), probePath],
    webpackConfigHook(config) {
      const hooked = webpackConfigHook?.(config) ?? config;
      return { ...hooked, resolve: { ...hooked.resolve, alias: { ...hooked.resolve?.alias, ...alias } } };
    },
  };
}
