import type { CanaryTable } from '../../../workflows/contract';
import { canaryHash, scratchContract } from '../scratch-policy';
import type { ScratchWarehouse, Warehouse } from '../warehouse';
import { PostgresClient, type Session } from './client';
import type { ResolvedPostgresConfig } from './config';
import { ident } from './sql';

type Open = (name: string, config: ResolvedPostgresConfig) => Warehouse;

/** Reading whole tables may take longer than a look at the catalogue. */
const readingMs = 10 * 60_000;

/** See `Warehouse.scratch`. Three schemas, whose names tell which canary they are of. */
export function openScratch(
  name: string,
  config: ResolvedPostgresConfig,
  canary: string,
  open: Open,
): ScratchWarehouse {
  const schema = `_loadline_canary_${canaryHash(canary)}`;
  const own = { ledgerSchema: `${schema}_ledger`, stageSchema: `${schema}_stage` };
  // A canary is one load after the other, and may not take the sessions of those that count.
  const alone = { ...config, ...own, maxPublishing: 1, maxStaging: 1, copySessions: 1 };
  const client = new PostgresClient(alone);
  const warehouse = open(name, alone);
  return {
    ...warehouse,
    contract: (contract) => scratchContract(contract, name, schema),
    async resolveTarget(contract, mode) {
      await client.session((s) => makeSchema(s, schema));
      return warehouse.resolveTarget(contract, mode);
    },
    tables: (signal) => client.session((s) => contents(s, name, schema), { signal, timeoutMs: readingMs }),
    async remove() {
      await client.session(async (s) => {
        for (const one of [schema, own.ledgerSchema, own.stageSchema])
          if (await isThere(s, one)) await s.run('canary:drop', `DROP SCHEMA IF EXISTS ${ident(one)} CASCADE`);
      });
      await Promise.allSettled([client.close(), warehouse.close()]);
    },
    async close() {
      await Promise.allSettled([client.close(), warehouse.close()]);
    },
  };
}

async function isThere(s: Session, schema: string): Promise<boolean> {
  return (await s.rows('canary:schema', 'SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])).length > 0;
}

async function makeSchema(s: Session, schema: string): Promise<void> {
  if (!(await isThere(s, schema))) await s.run('canary:create', `CREATE SCHEMA IF NOT EXISTS ${ident(schema)}`);
}

async function contents(s: Session, warehouse: string, schema: string): Promise<CanaryTable[]> {
  const tables = await s.rows<{ name: string }>(
    'canary:tables',
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    [schema],
  );
  const found: CanaryTable[] = [];
  for (const { name } of tables) {
    const [content] = await s.rows<{ rows: number; sha256: string }>(
      'canary:content',
      `SELECT count(*)::float8 AS rows,
         encode(sha256(convert_to(coalesce(string_agg(hash, '' ORDER BY hash), ''), 'UTF8')), 'hex') AS sha256
       FROM (SELECT encode(sha256(convert_to(t::text, 'UTF8')), 'hex') AS hash FROM ${ident(schema)}.${ident(name)} t) x`,
    );
    found.push({ table: `${warehouse}/${name}`, ...content! });
  }
  return found;
}
