import type { BundleOptions } from '@temporalio/worker';

/** The module of the ready workflows. */
export const readyWorkflowsPath = require.resolve('../workflows/ready');
const withUserWorkflowsPath = require.resolve('../workflows/with-user-workflows');
const placeholder = 'loadline-user-workflows';

/**
 * Adds the ready workflows to what is bundled. By a name that the bundler resolves, because Temporal puts its entry
 * point beside the workflows' module, from where its packages must be found. Doing so twice does it once.
 */
export function withReadyWorkflows(bundle: BundleOptions): BundleOptions {
  const { workflowsPath, webpackConfigHook } = bundle;
  if (workflowsPath === undefined || workflowsPath === readyWorkflowsPath)
    return { ...bundle, workflowsPath: readyWorkflowsPath };
  if (workflowsPath === withUserWorkflowsPath) return bundle;
  return {
    ...bundle,
    workflowsPath: withUserWorkflowsPath,
    webpackConfigHook(config) {
      const hooked = webpackConfigHook?.(config) ?? config;
      const alias = { ...hooked.resolve?.alias, [`${placeholder}$`]: workflowsPath };
      return { ...hooked, resolve: { ...hooked.resolve, alias } };
    },
  };
}
