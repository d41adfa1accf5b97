import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../workers/embedded/postgres';
import { loadlineSearchAttributes } from '../../workers/embedded/stack';
import { startTemporalServer } from '../../workers/embedded/temporal-server';
import { serviceVariables } from './services';

/** What the teardown ends. */
export type StopServices = () => Promise<void>;

declare global {
  var stopServices: StopServices | undefined;
}

/** Starts the servers that no variable names yet. Test processes inherit the variables that are set here. */
export default async function startServices(): Promise<void> {
  const stops: StopServices[] = [];
  // A project with services of its own has a setup of its own, which may have run before.
  const before = globalThis.stopServices;
  globalThis.stopServices = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    await before?.();
  };
  const results = await Promise.allSettled([startTemporal(stops), startDatabase(stops)]);
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return;
  await globalThis.stopServices();
  throw failed.reason;
}

async function startTemporal(stops: StopServices[]): Promise<void> {
  if (process.env[serviceVariables.temporalAddress]) return;
  const server = await startTemporalServer({ ui: false, searchAttributes: loadlineSearchAttributes });
  stops.push(() => server.stop());
  process.env[serviceVariables.temporalAddress] = server.address;
}

async function startDatabase(stops: StopServices[]): Promise<void> {
  if (process.env[serviceVariables.databaseUrl]) return;
  const folder = await mkdtemp(join(tmpdir(), 'loadline-test-'));
  // PostgreSQL runs as an account of its own when the tests run as root.
  await chmod(folder, 0o711);
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), database: 'loadline_test' });
  stops.push(() => server.stop());
  process.env[serviceVariables.databaseUrl] = server.url;
}
