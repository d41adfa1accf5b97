import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../workers/embedded/postgres';
import { loadlineSearchAttributes } from '../workers/embedded/stack';
import { startTemporalServer } from '../workers/embedded/temporal-server';

/** Servers of a test's own: a Temporal server in memory and a PostgreSQL in a temporary folder. */
export interface TestStack {
  readonly address: string;
  readonly databaseUrl: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts both at once; about two seconds. */
export async function startTestStack(onProgress: (line: string) => void): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-test-'));
  const [temporal, postgres] = await Promise.all([
    startTemporalServer({
      namespace: 'default',
      searchAttributes: loadlineSearchAttributes,
      onProgress,
      logFile: join(folder, 'temporal.log'),
    }),
    startPostgres({ dataDir: join(folder, 'postgres'), database: 'test' }),
  ]);
  return {
    address: temporal.address,
    databaseUrl: postgres.url,
    folder,
    async stop() {
      await Promise.all([temporal.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
