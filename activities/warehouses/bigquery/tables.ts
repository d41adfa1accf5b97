import { loadFailure } from '../../../workflows/load-error';
import { targetIdentity } from '../../../workflows/load-key';
import { parseTableName } from '../../contracts';
import type { CatalogueTable } from '../sql/port';
import type { BigQueryClient } from './client';
import { bigQueryFailure } from './errors';
import { columnsOf } from './types';
import { partsOfQuoted } from './unit-script';

/** Dataset and table by the words of a contract. @throws `InvalidRequest` */
function namesOf({ config }: BigQueryClient, words: string): { dataset: string; table: string } {
  const parsed = parseTableName(words);
  const dataset = parsed?.schema ?? config.dataset;
  if (parsed && dataset) return { dataset, table: parsed.table };
  throw loadFailure('InvalidRequest', {
    object: words,
    expected: 'warehouse/dataset.table',
    got: parsed ? 'a table without a dataset' : 'another text',
    remedy: 'Name the dataset in the contract, or set the option dataset of the warehouse.',
  });
}

/** See `SqlBackend.identityOf`. */
export async function identityOf(client: BigQueryClient, words: string): Promise<string> {
  const { dataset, table } = namesOf(client, words);
  return targetIdentity(client.config.project, dataset, table);
}

/** See `SqlBackend.findTable`. */
export async function findTable(client: BigQueryClient, words: string): Promise<CatalogueTable | null> {
  const { dataset, table } = namesOf(client, words);
  const found = await client.getTable(dataset, table).catch((error: unknown) => {
    throw bigQueryFailure(error, { object: words });
  });
  if (found === null) return null;
  return {
    target: targetIdentity(client.config.project, dataset, table),
    kind: (found.type ?? 'TABLE') === 'TABLE' ? 'table' : 'other',
    columns: columnsOf(found.schema?.fields ?? []),
  };
}

/** See `SqlBackend.dropStage`: a request, where the statement would be a job. */
export async function dropStage(client: BigQueryClient, stage: string): Promise<void> {
  const [, dataset = '', table = ''] = partsOfQuoted(stage);
  await client.deleteTable(dataset, table).catch((error: unknown) => {
    throw bigQueryFailure(error, { object: stage });
  });
}

/** See `SqlBackend.makeSchemas`. */
export async function makeSchemas(client: BigQueryClient): Promise<void> {
  const { ledgerDataset, stageDataset } = client.config;
  for (const dataset of new Set([ledgerDataset, stageDataset])) {
    if (await client.getDataset(dataset).catch(() => null)) continue;
    await client.makeDataset(dataset).catch((error: unknown) => {
      throw bigQueryFailure(error, { object: `dataset ${dataset}` });
    });
  }
}
