#!/usr/bin/env node
/** Starts and ends each stand-in once, so that what it is made of is installed before the tests want it. Nothing depends on it: they install what is missing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJiti } from 'jiti';

const jiti = createJiti(import.meta.url);
const service = (path) => jiti.import(`../test/services/${path}.ts`);
const [{ startGcs, startS3 }, { startSnowflake }, { startBigQueryStandin }] = await Promise.all(
  ['stores/servers', 'snowflake/start', 'bigquery/start'].map(service),
);
const logs = mkdtempSync(join(tmpdir(), 'loadline-install-'));

// One after the other: the slowest, which Go builds, uses every core by itself.
for (const start of [startSnowflake, startBigQueryStandin, () => startS3(logs), () => startGcs(logs)]) {
  try {
    const { server, stop } = await start();
    await (server ? server.stop() : stop());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
rmSync(logs, { recursive: true, force: true });
