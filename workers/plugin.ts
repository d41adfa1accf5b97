import type {
  BundleOptions,
  BundlerPlugin,
  ReplayWorkerOptions,
  Worker,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';
import { NativeConnection } from '@temporalio/worker';
import { provideBatchHome } from '../activities/batch-home';
import { removeLeftovers } from '../activities/sources';
import { createActivities } from '../activities/create-activities';
import { named } from '../activities/deps';
import { loadFailure } from '../workflows/load-error';
import type { LoadlineConfig } from '../workflows/config';
import { isResolved, resolveConfig, type ResolvedConfig } from './config';
import { openDeps, type OpenedDeps } from './open-deps';
import { searchAttributesOf } from './search-attributes';
import { readyWorkflowsPath, withReadyWorkflows } from './workflow-entry';

/** Options of {@link loadline}. */
export interface LoadlinePluginOptions {
  /** The file that paths in the configuration are relative to. @default loadline.config.ts in the working directory */
  readonly file?: string;
  /** @default LOADLINE_PROFILE */
  readonly profile?: string;
}

/** A Temporal plugin that makes a worker run loads. Made by {@link loadline}. */
export type LoadlinePlugin = WorkerPlugin & BundlerPlugin;

const ours = Symbol.for('loadline.activities');

/**
 * Adds Loadline to a Temporal worker: its activities, and the ready workflows beside yours. Giving it twice, or to a
 * connection and a worker, adds it once.
 *
 * With a prebuilt bundle give the plugin to `bundleWorkflowCode` as well.
 *
 * @throws `NameClash` from `Worker.create` when an activity of yours has a name of Loadline's; `InvalidConfig`, …
 *
 * @example
 * ```ts
 * const worker = await Worker.create({
 *   connection,
 *   taskQueue: 'orders',
 *   workflowsPath: require.resolve('./workflows'),
 *   activities,
 *   plugins: [loadline(config)],
 * });
 * ```
 */
export function loadline(config: LoadlineConfig | ResolvedConfig, options: LoadlinePluginOptions = {}): LoadlinePlugin {
  let opened: Promise<{ resolved: ResolvedConfig; deps: OpenedDeps }> | undefined;
  let running = 0;

  const open = () => (opened ??= resolve(config, options).then((resolved) => ({ resolved, deps: openDeps(resolved) })));

  return {
    name: 'loadline',
    async configureWorker(worker: WorkerOptions): Promise<WorkerOptions> {
      refuseNameClash(worker.activities ?? {});
      if (worker.activities && ours in worker.activities) return worker;
      const { deps } = await open();
      const connection = worker.connection ?? (await NativeConnection.connect());
      const searchAttributes = searchAttributesOf(connection, worker.namespace ?? 'default');
      const activities = createActivities({ ...deps, searchAttributes });
      return {
        ...worker,
        connection,
        activities: { ...worker.activities, ...activities, [ours]: true },
        ...(!worker.workflowBundle && { workflowsPath: worker.workflowsPath ?? readyWorkflowsPath }),
      };
    },
    configureReplayWorker: (worker: ReplayWorkerOptions): ReplayWorkerOptions =>
      worker.workflowBundle ? worker : { ...worker, workflowsPath: worker.workflowsPath ?? readyWorkflowsPath },
    configureBundler: (bundle: BundleOptions): BundleOptions => withReadyWorkflows(bundle),
    async runWorker(worker: Worker, next: (w: Worker) => Promise<void>): Promise<void> {
      const { resolved, deps } = await open();
      const { stateDir, stores } = { ...resolved, stores: deps.stores };
      const release = provideBatchHome({
        stateDir,
        batchStore: deps.batchStore ?? null,
        store: (name) => named(stores, name, 'UnknownStore'),
      });
      running++;
      await removeLeftovers(stateDir);
      try {
        await next(worker);
      } finally {
        release();
        if (--running === 0) {
          opened = undefined;
          await deps.close();
        }
      }
    },
  };
}

function resolve(config: LoadlineConfig | ResolvedConfig, options: LoadlinePluginOptions): Promise<ResolvedConfig> {
  if (isResolved(config)) return Promise.resolve(config);
  const file = options.file ?? `${process.cwd()}/loadline.config.ts`;
  return resolveConfig(config, file, options.profile ?? process.env['LOADLINE_PROFILE'] ?? null);
}

/** The SDK would let one of two activities with one name win in silence. */
function refuseNameClash(activities: object): void {
  if (ours in activities) return;
  const clash = Object.keys(activities).find((name) => name.startsWith('loadline.'));
  if (clash) throw loadFailure('NameClash', { object: clash });
}
