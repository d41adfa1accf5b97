import { canaryHash } from '../scratch-policy';
import { openScratch, openSqlWarehouse } from '../sql';
import type { SqlBackend } from '../sql/port';
import type { HealthFinding, ScratchWarehouse, Warehouse } from '../warehouse';
import { bulkLoad } from './bulk-load';
import { snowflakeCapabilities } from './capabilities';
import { findTable, identityOf } from './catalogue';
import { SnowflakeClient } from './client';
import type { ResolvedSnowflakeConfig } from './config';
import { ident, snowflakeDialect } from './dialect';
import { runUnit } from './unit';

/** Opens a Snowflake warehouse. No connection is made before the first operation. */
export function openSnowflake(name: string, config: ResolvedSnowflakeConfig): Warehouse {
  const { claimLeaseMs, publishTimeoutMs, stageTimeoutMs, maxPublishing, maxStaging } = config;
  const options = { claimLeaseMs, publishTimeoutMs, stageTimeoutMs, maxPublishing, maxStaging };
  const scratch = (canary: string): ScratchWarehouse => scratchOf(name, config, canary);
  return openSqlWarehouse(name, snowflakeBackend(config), { ...options, capabilities: snowflakeCapabilities, scratch });
}

/** Three schemas, whose names tell which canary they are of. */
function scratchOf(name: string, config: ResolvedSnowflakeConfig, canary: string): ScratchWarehouse {
  const schema = `_LOADLINE_CANARY_${canaryHash(canary).toUpperCase()}`;
  // A canary is one load after the other, and may not take the sessions of those that count.
  const alone = { ...config, maxPublishing: 1, maxStaging: 1 };
  const own = { ...alone, ledgerSchema: `${schema}_LEDGER`, stageSchema: `${schema}_STAGE` };
  return openScratch(name, {
    warehouse: openSnowflake(name, own),
    backend: snowflakeBackend(own),
    tables: snowflakeBackend({ ...alone, ledgerSchema: schema, stageSchema: schema }),
    schema,
  });
}

/** Snowflake as the protocol's port asks for it. */
export function snowflakeBackend(config: ResolvedSnowflakeConfig, client = new SnowflakeClient(config)): SqlBackend {
  const schema = (stored: string): string => `${ident(config.database)}.${ident(stored)}`;
  return {
    dialect: snowflakeDialect,
    ledgerSchema: schema(config.ledgerSchema),
    stageSchema: schema(config.stageSchema),
    rows: async <T>(
      label: string,
      statement: Parameters<SqlBackend['rows']>[1],
      options: Parameters<SqlBackend['rows']>[2],
    ) => (await client.session((s) => s.run(label, statement, options))) as T[],
    run: (label, statement, options) => client.session((s) => s.change(label, statement, options)),
    unit: (unit, options) => runUnit(client, unit, options),
    async makeSchemas() {
      await client.session(async (s) => {
        for (const stored of [config.ledgerSchema, config.stageSchema])
          await s.run('prepare', `CREATE SCHEMA IF NOT EXISTS ${schema(stored)}`);
      });
    },
    findTable: (words) => findTable(client, config, words),
    identityOf: async (words) => identityOf(config, words),
    bulkLoad: (load) => bulkLoad(client, config, load),
    health: () => health(client, config),
    close: () => client.close(),
  };
}

async function health(client: SnowflakeClient, config: ResolvedSnowflakeConfig): Promise<HealthFinding[]> {
  const [row] = await client.session((s) => s.run('health', 'SELECT CURRENT_VERSION() AS "version"'));
  return [
    { check: 'connection', ok: true, found: `Snowflake ${String(row?.['version'])}, database ${config.database}` },
  ];
}
