import pLimit from 'p-limit';
import type { Sql, SqlBackend } from '../sql/port';
import { bulkLoad } from './bulk-load';
import { BigQueryClient } from './client';
import type { ResolvedBigQueryConfig } from './config';
import { bigQueryDialect, ident } from './dialect';
import { bigQueryHealth } from './health';
import { bytesOf, queryRows, runStatement } from './statements';
import { findTable, identityOf, makeSchemas } from './tables';
import { runUnit } from './units';

export { bigQueryCapabilities } from './capabilities';
export {
  bigQueryDefaults,
  bigQueryShape,
  resolveBigQuery,
  type BigQueryCredentials,
  type BigQueryShape,
  type ResolvedBigQueryConfig,
} from './config';

/** BigQuery's side of the protocol, and what it alone can tell. */
export interface BigQueryBackend extends SqlBackend {
  /** The bytes that a statement would read, as BigQuery estimates them without running it: 0 for a script. */
  bytesOf(name: string, statement: Sql): Promise<number>;
}

/** Opens a BigQuery warehouse. Nothing is asked of Google before the first operation. */
export function openBigQuery(config: ResolvedBigQueryConfig): BigQueryBackend {
  const client = new BigQueryClient(config);
  const publishing = pLimit(config.maxPublishing);
  const staging = pLimit(config.maxStaging);
  const schema = (dataset: string): string => `${ident(config.project)}.${ident(dataset)}`;
  return {
    dialect: bigQueryDialect,
    ledgerSchema: schema(config.ledgerDataset),
    stageSchema: schema(config.stageDataset),
    rows: (name, statement, options) => queryRows(client, name, statement, options),
    run: (name, statement, options) => runStatement(client, name, statement, options),
    unit: (unit, options) => publishing(() => runUnit(client, unit, options)),
    makeSchemas: () => makeSchemas(client),
    findTable: (words) => findTable(client, words),
    identityOf: (words) => identityOf(client, words),
    bulkLoad: (input) => staging(() => bulkLoad(client, input)),
    health: () => bigQueryHealth(client),
    bytesOf: (name, statement) => bytesOf(client, name, statement),
    close: () => Promise.resolve(),
  };
}
