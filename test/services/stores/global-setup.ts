import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import startServices, { type StopServices } from '../global-setup';
import { hasGo, inCi } from '../installed';
import { startGcs, startS3, type StoreServer } from './servers';
import { storeVariables } from './store-services';

/** Starts the stores of objects beside the servers that all tests share. */
export default async function startStoreServices(): Promise<void> {
  await startServices();
  const before = globalThis.stopServices;
  const stops: StopServices[] = [];
  globalThis.stopServices = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    await before?.();
  };
  const folder = await mkdtemp(join(tmpdir(), 'loadline-stores-'));
  const begin = async (variable: string, start: (logs: string) => Promise<StoreServer>): Promise<void> => {
    if (process.env[variable]) return;
    const { endpoint, server } = await start(folder);
    stops.push(() => server.stop());
    process.env[variable] = endpoint;
  };
  try {
    await begin(storeVariables.s3, startS3);
    if (hasGo) await begin(storeVariables.gcs, startGcs);
    else if (inCi) throw new Error('Go is needed to build the stand-in for GCS.');
    else process.stderr.write('There is no Go on this machine: what needs the stand-in for GCS is left out.\n');
    stops.unshift(() => rm(folder, { recursive: true, force: true }));
  } catch (error) {
    // The logs stay.
    await globalThis.stopServices();
    throw error;
  }
}
