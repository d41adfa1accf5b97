import { randomBytes } from 'node:crypto';
import { bigQueryBackend, openBigQuery } from '../../../activities/warehouses/bigquery';
import type { ResolvedBigQueryConfig } from '../../../activities/warehouses/bigquery/config';
import { raw, sql as statement } from '../../../activities/warehouses/sql/port';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import type { Place } from '../support/place';
import { standinConfig } from './support';

/** Words of the shared tests as BigQuery has them. */
const worded = (sql: string): string =>
  sql
    .replace(/"([^"]*)"/g, '`$1`')
    .replace(/\bVARCHAR\b/g, 'STRING')
    .replace(/\bTIMESTAMP_TZ\b/g, 'TIMESTAMP')
    .replace(/\bBIGINT\b/g, 'INT64');

/** Datasets of a test's own in the stand-in of BigQuery. */
export async function openBigQueryPlace(name: string): Promise<Place> {
  const { config, ...place } = openBigQueryPlaceWith(`${name}_${randomBytes(4).toString('hex')}`);
  await bigQueryBackend({ ...config, ledgerDataset: place.schema, stageDataset: place.schema }).makeSchemas();
  return place;
}

/** The same, of which nothing is there yet. */
export function openBigQueryPlaceWith(name: string): Place & { readonly config: ResolvedBigQueryConfig } {
  const config = standinConfig(name);
  const schema = `data_${name}`;
  const backend = bigQueryBackend(config);
  const opened: Warehouse[] = [];
  const missing = async (): Promise<never> => {
    throw new Error('a script is one statement to the wire');
  };
  return {
    config,
    schema,
    relation: (table) => `\`${config.project}\`.\`${schema}\`.\`${table}\``,
    ledger: (table) => `\`${config.project}\`.\`${config.ledgerDataset}\`.\`${table}\``,
    warehouse(tune = {}) {
      const warehouse = openBigQuery('main', { ...config, ...tune });
      opened.push(warehouse);
      return warehouse;
    },
    rows: (sql) => backend.rows('test', statement`${raw(worded(sql))}`),
    run: async (sql) => void (await backend.run('test', statement`${raw(worded(sql))}`)),
    lose: missing,
    hold: missing,
    release: async () => undefined,
    env: {},
    close: async () => void (await Promise.allSettled(opened.map((w) => w.close()))),
  };
}
