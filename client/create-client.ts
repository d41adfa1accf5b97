import { Client, Connection, type WorkflowExecutionDescription } from '@temporalio/client';
import type {
  HeldLoad,
  LoadReceipt,
  LoadRequest,
  LoadVerdict,
  RetryQuarantineInput,
  VerdictInput,
} from '../workflows/contract';
import type { LoadlineConfig } from '../workflows/config';
import { adoptLoad, type AdoptRequest } from '../activities/adopt-load';
import { named } from '../activities/deps';
import { resolveLoad } from '../activities/loads';
import type { SignedBy, Warehouse } from '../activities/warehouses/warehouse';
import { connectOptions, reachTemporal, type ConnectOverrides, type ResolvedConfig } from '../workers/config';
import { openDeps } from '../workers/open-deps';
import { decideLoad, waitingIn } from './decide-load';
import { givenConfig } from './given-config';
import { planRequests, type LoadPlan } from './plan-load';

/** Options of {@link LoadlineClient.start}. */
export interface StartOptions {
  /** @default the load key, so that two starts of one load meet */
  readonly workflowId?: string;
}

/** A load that was started. */
export interface LoadHandle {
  readonly workflowId: string;
  readonly runId: string;
  readonly loadKey: string;
  /** Waits for the receipt. @throws what the load failed with; see `isLoadError` */
  result(): Promise<LoadReceipt>;
  /** What Temporal knows of the workflow. */
  describe(): Promise<WorkflowExecutionDescription>;
  /** What of it is or was held for a verdict. Answered by a worker. */
  held(): Promise<readonly HeldLoad[]>;
}

/** A retry of rows that were set aside; which load it is, its receipt tells. */
export type RetryHandle = Omit<LoadHandle, 'loadKey'>;

/** Starts loads and reads the ledger. */
export interface LoadlineClient {
  /** Temporal's own client, connected. */
  readonly temporal: Client;
  /** Starts the ready workflow `loadTable`, or attaches to the one that is already running. */
  start(request: LoadRequest, options?: StartOptions): Promise<LoadHandle>;
  /**
   * Starts the ready workflow `retryQuarantine`, which loads rows that were set aside, or attaches to the one that is
   * doing so already.
   */
  retryQuarantine(input: RetryQuarantineInput): Promise<RetryHandle>;
  /** What a load would do. Changes nothing. */
  plan(request: LoadRequest): Promise<LoadPlan>;
  /**
   * Records a load as applied that was done by hand. Touches no row.
   *
   * @throws `LoadApplied`, `LoadInProgress`, `TargetNotFound`, `InvalidRequest` without `from` and without an interval
   */
  adopt(request: AdoptRequest, by: SignedBy): Promise<LoadReceipt>;
  /**
   * Decides about a load that is held, named by its load key or its workflow. Resolves once the verdict is recorded; the
   * load then goes on by itself.
   *
   * @throws `VerdictRefused` when nothing is held, somebody has decided already, or it cannot be carried out
   */
  decide(
    loadKeyOrWorkflowId: string,
    verdict: LoadVerdict,
    by: SignedBy,
    options?: { readonly warehouse?: string },
  ): Promise<Required<VerdictInput>>;
  /** A warehouse of the configuration, with its ledger. @throws `UnknownWarehouse` */
  warehouse(name: string): Warehouse;
  /** Closes the connections. */
  close(): Promise<void>;
}

/**
 * Connects to Temporal and to the warehouses of a configuration.
 *
 * @throws `TemporalUnreachable`, `SecretMissing`, `ConfigNotFound`, `InvalidConfig`
 *
 * @example
 * ```ts
 * const client = await createClient();
 * const load = await client.start({
 *   pipeline: 'orders-daily',
 *   into: 'orders',
 *   mode: 'merge',
 *   from: { kind: 'files', store: 'raw', glob: 'orders/*.csv' },
 * });
 * console.log((await load.result()).outcome);
 * await client.close();
 * ```
 */
export async function createClient(
  config?: LoadlineConfig | ResolvedConfig,
  overrides: ConnectOverrides = {},
): Promise<LoadlineClient> {
  const resolved = await givenConfig(config);
  const { connectionOptions, namespace } = connectOptions(resolved, overrides);
  const deps = { ...openDeps(resolved), searchAttributes: () => Promise.resolve(false) };
  const connection = await reachTemporal(connectionOptions.address, () =>
    Connection.connect({ ...connectionOptions, connectTimeout: '5s' }),
  );
  const temporal = new Client({ connection, namespace });
  return {
    temporal,
    plan: (request) => planRequests(deps, [request]),
    adopt: (request, by) => adoptLoad(deps, request, by),
    warehouse: (name) => named(deps.warehouses, name, 'UnknownWarehouse'),
    async decide(loadKeyOrWorkflowId, verdict, by, options = {}) {
      const names = options.warehouse === undefined ? [...deps.warehouses.keys()] : [options.warehouse];
      const load = await waitingIn(
        names.map((name) => named(deps.warehouses, name, 'UnknownWarehouse')),
        loadKeyOrWorkflowId,
      );
      return decideLoad(temporal, load, verdict, by);
    },
    async start(request, options = {}) {
      const nominalTime = new Date().toISOString();
      const { loadKey, interval } = await resolveLoad(deps, [request], nominalTime);
      const workflowId = options.workflowId ?? loadKey;
      const exact: LoadRequest = interval ? { ...request, interval } : request;
      const handle = await temporal.workflow.start('loadTable', {
        taskQueue: resolved.taskQueue,
        workflowId,
        args: [exact],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `${request.mode} ${request.into} from ${describeSource(request)}`.slice(0, 200),
      });
      return {
        workflowId,
        runId: handle.firstExecutionRunId,
        loadKey,
        result: () => handle.result() as Promise<LoadReceipt>,
        describe: () => handle.describe(),
        held: () => handle.query<HeldLoad[]>('heldLoads'),
      };
    },
    async retryQuarantine(input) {
      const { load, table = '', repair = '' } = input;
      const workflowId = ['retry-quarantine', load, table, repair].filter(Boolean).join('/');
      const handle = await temporal.workflow.start('retryQuarantine', {
        taskQueue: resolved.taskQueue,
        workflowId,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `Retry rows that ${load} set aside`.slice(0, 200),
      });
      return {
        workflowId,
        runId: handle.firstExecutionRunId,
        result: () => handle.result() as Promise<LoadReceipt>,
        describe: () => handle.describe(),
        held: () => handle.query<HeldLoad[]>('heldLoads'),
      };
    },
    async close() {
      await Promise.all([connection.close(), deps.close()]);
    },
  };
}

function describeSource({ from }: LoadRequest): string {
  return from.kind === 'files' ? `${from.store}:${from.glob}` : 'a written batch';
}
