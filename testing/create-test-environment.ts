import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Client, WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import type { Workflow, WorkflowResultType } from '@temporalio/common';
import { Client as PgClient } from 'pg';
import { createClient, type LoadlineClient } from '../client';
import { codeTrouble } from '../client/code-trouble';
import { loadFailure } from '../workflows/load-error';
import type { LoadlineConfig } from '../workflows/config';
import type { LoadReceipt, LoadRequest } from '../workflows/contract';
import { createWorker } from '../workers/create-worker';
import { installLogging } from '../workers/logging';
import { resolveConfig, type ResolvedConfig } from '../workers/config';
import { startTestStack, type TestStack } from './test-stack';

/** Options of {@link createTestEnvironment}. */
export interface TestEnvironmentOptions {
  /** The configuration file, which paths in the configuration are relative to. @default loadline.config.ts in the working directory */
  readonly file?: string;
  /** @default the configuration's `worker.workflows` */
  readonly workflowsPath?: string;
  /** `configured`: read your own stores. `empty`: every store is an empty folder that `file()` fills. @default 'empty' */
  readonly stores?: 'empty' | 'configured';
}

/** A worker with your pipelines, on servers of its own. */
export interface TestEnvironment {
  readonly client: LoadlineClient;
  /** A database of this environment's own; all warehouses of the configuration point to it. */
  readonly databaseUrl: string;
  /** Writes a file into a store. Refused for configured stores, which are yours. */
  file(store: string, path: string, content: string | Uint8Array): Promise<void>;
  /** Runs one of your workflows to its end. @throws what the workflow failed with; also where Temporal would wait for corrected code */
  run<W extends Workflow>(workflow: string | W, ...args: Parameters<W>): Promise<WorkflowResultType<W>>;
  /** Runs the ready workflow `loadTable`. */
  load(request: LoadRequest): Promise<LoadReceipt>;
  /** Asks the database. */
  rows<R = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** Ends the worker, the connections, and the servers that were started for them. */
  close(): Promise<void>;
}

/**
 * Starts a real Temporal server, a real PostgreSQL and a worker with your workflows, for tests of your pipelines. Takes
 * a few seconds: make one for a test file, and close it at the end.
 *
 * @throws `ToolUnavailable` when a server cannot be started, `InvalidConfig`
 *
 * @example
 * ```ts
 * const env = await createTestEnvironment(config);
 * await env.file('raw', 'orders/2026-11-22/a.csv', 'order_id,amount\n1,9.50\n');
 * const receipt = await env.run('ordersDaily', { day: '2026-11-22' });
 * expectLoaded(receipt, { inserted: 1 });
 * await env.close();
 * ```
 */
export async function createTestEnvironment(
  config: LoadlineConfig,
  options: TestEnvironmentOptions = {},
): Promise<TestEnvironment> {
  quietOnce();
  const file = resolve(options.file ?? 'loadline.config.ts');
  const written = await resolveConfig(config, file, null);
  const stack = await startTestStack((line) => process.stderr.write(`${line}\n`));
  try {
    return await assemble(isolated(written, stack, options), stack, options);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** The user's configuration with servers and folders of the test's own. */
function isolated(config: ResolvedConfig, stack: TestStack, options: TestEnvironmentOptions): ResolvedConfig {
  const stores = [...config.stores].map(
    ([name]) => [name, { kind: 'local-files' as const, name, rootDir: join(stack.folder, 'stores', name) }] as const,
  );
  return {
    ...config,
    stateDir: join(stack.folder, 'state'),
    taskQueue: 'loadline-test',
    temporal: { address: stack.address, namespace: 'default', profile: null },
    warehouses: new Map([...config.warehouses].map(([name, w]) => [name, { ...w, url: stack.databaseUrl }])),
    ...(options.stores === 'configured' ? {} : { stores: new Map(stores), batchStore: null }),
    ...(options.workflowsPath && { workflowsPath: resolve(options.workflowsPath) }),
  };
}

async function assemble(
  config: ResolvedConfig,
  stack: TestStack,
  options: TestEnvironmentOptions,
): Promise<TestEnvironment> {
  for (const store of config.stores.values())
    if (store.kind === 'local-files') await mkdir(store.rootDir, { recursive: true });
  const database = new PgClient(stack.databaseUrl);
  await database.connect();
  const { worker, close } = await createWorker(config, { address: stack.address, namespace: 'default' });
  const running = worker.run();
  const client = await createClient(config, { address: stack.address, namespace: 'default' });
  let runs = 0;
  return {
    client,
    databaseUrl: stack.databaseUrl,
    async file(store, path, content) {
      const target = options.stores === 'configured' ? undefined : config.stores.get(store);
      if (target?.kind !== 'local-files')
        throw loadFailure('UnknownStore', {
          object: store,
          expected: 'a store of the configuration that the test filled',
        });
      const full = join(target.rootDir, path);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, content);
    },
    async run<W extends Workflow>(workflow: string | W, ...args: Parameters<W>) {
      const handle = await client.temporal.workflow.start(typeof workflow === 'string' ? workflow : workflow.name, {
        taskQueue: config.taskQueue,
        workflowId: `test-${++runs}`,
        args,
      } as unknown as WorkflowStartOptions<W>);
      return (await resultOf(client.temporal, handle)) as WorkflowResultType<W>;
    },
    load: async (request) => (await client.start(request)).result(),
    rows: async <R>(sql: string, values: readonly unknown[] = []) =>
      (await database.query(sql, [...values])).rows as R[],
    async close() {
      worker.shutdown();
      await running;
      await Promise.all([client.close(), close(), database.end()]);
      await stack.stop();
    },
  };
}

const lookAgainMs = 500;

/** The result of a run. A run whose code fails would wait for better code until the test's patience ends. */
async function resultOf(client: Client, handle: WorkflowHandle): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const failing = new Promise<never>((_, reject) => {
    const look = async (): Promise<void> => {
      const why = await handle.describe().then((description) => codeTrouble(client, description));
      if (why === undefined) return;
      reject(new Error(`The code of the workflow fails: ${why}`));
      await handle.terminate(why);
    };
    // What cannot be asked shows in the result.
    timer = setInterval(() => void look().catch(() => undefined), lookAgainMs);
  });
  try {
    return await Promise.race([failing, handle.result()]);
  } finally {
    clearInterval(timer);
  }
}

let quiet = false;

/** A worker's log would bury the test's own output. Another runtime that the test has installed stays. */
function quietOnce(): void {
  if (quiet) return;
  quiet = true;
  try {
    installLogging({ level: 'ERROR', format: 'text' });
  } catch {
    // Installed already.
  }
}
