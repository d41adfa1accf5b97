import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { bundleWorkflows } from './bundle-workflows';
import {
  connectOptions,
  importModule,
  reachTemporal,
  unreadableModule,
  type ConnectOverrides,
  type ResolvedConfig,
} from './config';
import { loadline } from './plugin';

/** Options of {@link createWorker} beside the configuration. */
export interface CreateWorkerOptions extends ConnectOverrides {
  /** Options of the Temporal worker that Loadline has no word for; they win over Loadline's. */
  readonly worker?: Partial<WorkerOptions>;
}

/** A worker and what ends with it. */
export interface CreatedWorker {
  readonly worker: Worker;
  /** Closes the connection. Call it after `worker.run()` has resolved. */
  close(): Promise<void>;
}

/**
 * A worker that runs the loads of a configuration, with the user's workflows and activities.
 *
 * @throws `TemporalUnreachable`, `SecretMissing`, `NameClash`, `InvalidConfig`, `WorkflowsNotBundled`
 *
 * @example
 * ```ts
 * const { worker, close } = await createWorker(await loadConfig());
 * await worker.run();
 * await close();
 * ```
 */
export async function createWorker(config: ResolvedConfig, options: CreateWorkerOptions = {}): Promise<CreatedWorker> {
  const { connectionOptions, namespace } = connectOptions(config, options);
  const starting = new AbortController();
  const bundle = isBundledHere(options)
    ? bundleWorkflows(config.workflowsPath ?? undefined, starting.signal)
    : undefined;
  // What fails first is told; the bundle is asked for last.
  bundle?.catch(() => undefined);
  try {
    const activities = await importActivities(config);
    const connection = await reachTemporal(connectionOptions.address, () =>
      NativeConnection.connect(connectionOptions),
    );
    try {
      const worker = await Worker.create({
        connection,
        namespace,
        taskQueue: config.taskQueue,
        ...versionOf(config),
        activities,
        ...(bundle
          ? { workflowBundle: await bundle }
          : config.workflowsPath && { workflowsPath: config.workflowsPath }),
        plugins: [loadline(config)],
        // A step that is cut off by a shutdown is tried again elsewhere; one that may end soon is let end.
        shutdownGraceTime: '10s',
        shutdownForceTime: '30s',
        // The SDK would hold back what a step tells of its progress for most of the heartbeat's 30 seconds.
        maxHeartbeatThrottleInterval: '2s',
        ...options.worker,
      });
      return { worker, close: () => connection.close() };
    } catch (error) {
      await connection.close();
      throw error;
    }
  } finally {
    starting.abort();
  }
}

/** A worker of a deployment gets the runs of its own build only. */
function versionOf({ buildId, deployment }: ResolvedConfig): Partial<WorkerOptions> {
  if (deployment === null) return { buildId };
  return {
    workerDeploymentOptions: {
      version: { deploymentName: deployment.name, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: deployment.versioning === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE',
    },
  };
}

const bundling = [
  'workflowBundle',
  'workflowsPath',
  'bundlerOptions',
  'interceptors',
  'dataConverter',
  'plugins',
  'showStackTraceSources',
] as const;

/** Options that have a part in the bundle may be functions, which only the SDK in this process can take; or want sources. */
const isBundledHere = ({ worker = {} }: CreateWorkerOptions): boolean => !bundling.some((name) => name in worker);

type Functions = Record<string, (...args: never[]) => unknown>;

async function importActivities({ activitiesPath: file }: ResolvedConfig): Promise<Functions> {
  if (file === null) return {};
  try {
    const functions = Object.entries(await importModule(file)).filter(([, value]) => typeof value === 'function');
    return Object.fromEntries(functions) as Functions;
  } catch (cause) {
    const what = 'The activities cannot be read.';
    throw unreadableModule({ code: 'InvalidConfig', what, file, expected: 'a module that exports activities' }, cause);
  }
}
