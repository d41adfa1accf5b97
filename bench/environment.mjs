// Servers, files and clients for one run of the benchmark.
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFiles } from './data.mjs';
import { openDatabase } from './database.mjs';
import { waysOf, stage } from './floor-copy.mjs';
import { openObjectStore } from './object-store.mjs';
import { onEnd } from './teardown.mjs';
import { openStandins } from './warehouses/standins.mjs';
import { configFile } from './worker.mjs';

const require = createRequire(import.meta.url);
const { startStack } = require('../dist/workers/embedded/stack.js');
export const dataFolder = fileURLToPath(new URL('.data/', import.meta.url));

/** Starts what runs need. What it starts ends with `endAll`. */
export async function openEnvironment({ rows, say, standins: kinds, withObjects }) {
  const files = dataFiles(join(dataFolder, 'files'), say);
  const stateDir = join(dataFolder, '.loadline');
  await mkdir(stateDir, { recursive: true });
  const stack = await startStack({ stateDir, onProgress: say });
  onEnd(() => stack.stop());
  const { url, embedded } = stack.postgres;
  process.env.BENCH_DATABASE_URL = url;
  const database = await openDatabase(url, embedded ? join(stateDir, 'postgres.log') : null);
  onEnd(() => database.close());
  const standins = await openStandins(kinds, say);
  const objects = withObjects ? await openObjectStore(dataFolder, say) : null;
  const { config, client } = await openClient(stack);
  await fillBase(database, await files.get('day1.csv', rows));
  return { rows, say, files, stack, database, config, client, standins, objects, found: new Map() };
}

async function openClient({ temporal: { address, namespace } }) {
  const { loadConfig } = await import('loadline/workers');
  const { createClient } = await import('loadline/client');
  const config = await loadConfig({ path: configFile });
  const client = await createClient(config, { address, namespace });
  onEnd(() => client.close());
  return { config, client };
}

/** The rows that full tables begin with. */
async function fillBase({ session }, file) {
  await stage(session, file, waysOf(file.path)[0]);
  await session.query('CREATE TABLE bench.base AS SELECT * FROM bench.floor_stage; DROP TABLE bench.floor_stage');
}
