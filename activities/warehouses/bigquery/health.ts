import { sql } from '../sql/port';
import type { HealthFinding } from '../warehouse';
import type { BigQueryClient } from './client';
import { bigQueryFailure } from './errors';
import { bytesOf } from './statements';
import { makeSchemas } from './tables';

/** See `SqlBackend.health`: everything a load needs of this project. */
export async function bigQueryHealth(client: BigQueryClient): Promise<HealthFinding[]> {
  const { jobProject, ledgerDataset, stageDataset } = client.config;
  await bytesOf(client, 'health', sql`SELECT 1`, { object: `project ${jobProject}` });
  const datasets = [...new Set([ledgerDataset, stageDataset])];
  const found = await Promise.all(datasets.map((dataset) => datasetFinding(client, dataset)));
  return [{ check: 'may run jobs', ok: true, found: `in project ${jobProject}` }, ...found];
}

async function datasetFinding(client: BigQueryClient, dataset: string): Promise<HealthFinding> {
  const check = `dataset ${dataset}`;
  const { location: wanted } = client.config;
  const there = await client.getDataset(dataset).catch((error: unknown) => {
    throw bigQueryFailure(error, { object: check });
  });
  if (there === null)
    return {
      check,
      ok: false,
      found: 'not made yet',
      optional: true,
      remedy: 'Run `loadline doctor --fix`, or let the first load do it, as a role with bigquery.datasets.create.',
      fix: () => makeSchemas(client),
    };
  const { location = '' } = there;
  const ok = wanted === null || wanted.toUpperCase() === location.toUpperCase();
  return {
    check,
    ok,
    found: `in ${location || 'an unknown location'}`,
    ...(!ok && { remedy: `Set location: '${location}', or name another dataset: a dataset cannot be moved.` }),
  };
}
