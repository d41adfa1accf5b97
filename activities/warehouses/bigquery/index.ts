import { canaryHash } from '../scratch-policy';
import { openScratch, openSqlWarehouse } from '../sql';
import type { Sql, SqlBackend } from '../sql/port';
import type { ScratchWarehouse, Warehouse } from '../warehouse';
import { bulkLoad } from './bulk-load';
import { bigQueryCapabilities } from './capabilities';
import { BigQueryClient } from './client';
import type { ResolvedBigQueryConfig } from './config';
import { bigQueryDialect, ident } from './dialect';
import { estimateUnit } from './estimate';
import { bigQueryHealth } from './health';
import { bytesOf, queryRows, runStatement } from './statements';
import { dropStage, findTable, identityOf, makeSchemas } from './tables';
import { runUnit } from './units';

/** BigQuery's side of the protocol, and what it alone can tell. */
export interface BigQueryBackend extends SqlBackend {
  /** The bytes that a statement would read, as BigQuery estimates them without running it: 0 for a script. */
  bytesOf(name: string, statement: Sql): Promise<number>;
}

/** Opens a BigQuery warehouse. Nothing is asked of Google before the first operation. */
export function openBigQuery(name: string, config: ResolvedBigQueryConfig): Warehouse {
  const { claimLeaseMs, publishTimeoutMs, stageTimeoutMs, maxPublishing, maxStaging } = config;
  const options = { claimLeaseMs, publishTimeoutMs, stageTimeoutMs, maxPublishing, maxStaging };
  const scratch = (canary: string): ScratchWarehouse => scratchOf(name, config, canary);
  return openSqlWarehouse(name, bigQueryBackend(config), { ...options, capabilities: bigQueryCapabilities, scratch });
}

/** Three datasets, whose names tell which canary they are of. */
function scratchOf(name: string, config: ResolvedBigQueryConfig, canary: string): ScratchWarehouse {
  const schema = `loadline_canary_${canaryHash(canary)}`;
  // A canary is one load after the other, and may not take the turns of those that count.
  const alone = { ...config, maxPublishing: 1, maxStaging: 1 };
  const own = { ...alone, ledgerDataset: `${schema}_ledger`, stageDataset: `${schema}_stage` };
  return openScratch(name, {
    warehouse: openBigQuery(name, own),
    backend: bigQueryBackend(own),
    tables: bigQueryBackend({ ...alone, ledgerDataset: schema, stageDataset: schema }),
    schema,
  });
}

/** BigQuery as the protocol's port asks for it. */
export function bigQueryBackend(config: ResolvedBigQueryConfig, client = new BigQueryClient(config)): BigQueryBackend {
  const schema = (dataset: string): string => `${ident(config.project)}.${ident(dataset)}`;
  return {
    dialect: bigQueryDialect,
    ledgerSchema: schema(config.ledgerDataset),
    stageSchema: schema(config.stageDataset),
    rows: (name, statement, options) => queryRows(client, name, statement, options),
    run: (name, statement, options) => runStatement(client, name, statement, options),
    unit: (unit, options) => runUnit(client, unit, options),
    estimate: (planned, options) => estimateUnit(client, planned, options),
    dropStage: (stage) => dropStage(client, stage),
    makeSchemas: () => makeSchemas(client),
    findTable: (words) => findTable(client, words),
    identityOf: (words) => identityOf(client, words),
    bulkLoad: (input) => bulkLoad(client, input),
    health: () => bigQueryHealth(client),
    bytesOf: (name, statement) => bytesOf(client, name, statement),
    close: () => Promise.resolve(),
  };
}
