import { spawn } from 'node:child_process';
import { Runtime, type LogLevel, type WorkflowBundle } from '@temporalio/worker';
import { bundleProgram } from './bundle-program';
import { notBundled, type BundleError } from './bundle-trouble';
import { probePath, workflowEntry } from './workflow-entry';

interface Bundled {
  readonly code?: string;
  readonly error?: string;
  /** What the bundler says of it. */
  readonly errors?: readonly BundleError[];
  readonly log: readonly { readonly level: LogLevel; readonly message: string }[];
}

/**
 * Bundles the user's workflows with the ready ones, in a process that ends with it: the bundler and its compiler take
 * some 80 MB that a process would keep for ever. What it logs goes to the log of Temporal's runtime.
 *
 * @throws `WorkflowsNotBundled`, and what else the SDK's bundler throws
 */
export async function bundleWorkflows(
  userWorkflowsPath: string | undefined,
  signal: AbortSignal,
): Promise<WorkflowBundle> {
  const { code, error, errors = [], log } = await runBundler(userWorkflowsPath, signal);
  const [first, ...others] = errors;
  // It says all that the log says, and where.
  if (first) throw notBundled(first, others.length);
  for (const { level, message } of log) Runtime.instance().logger.log(level, message);
  if (code === undefined) throw new Error(error);
  return { code };
}

function runBundler(userWorkflowsPath: string | undefined, signal: AbortSignal): Promise<Bundled> {
  const task = {
    sdk: require.resolve('@temporalio/worker'),
    interceptors: [probePath],
    ...workflowEntry(userWorkflowsPath),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', bundleProgram, JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      windowsHide: true,
      signal,
      killSignal: 'SIGKILL',
    });
    child.once('message', (bundled) => resolve(bundled as Bundled));
    child.once('error', reject);
    child.once('close', (code, killed) =>
      reject(new Error(`The process that bundles the workflows ended with ${killed ?? `exit code ${code}`}.`)),
    );
  });
}
