import { randomBytes } from 'node:crypto';
import { openSnowflake } from '../../../activities/warehouses/snowflake';
import { Session, SnowflakeClient } from '../../../activities/warehouses/snowflake/client';
import type { ResolvedSnowflakeConfig } from '../../../activities/warehouses/snowflake/config';
import { ident } from '../../../activities/warehouses/snowflake/dialect';
import { snowflakeFailure } from '../../../activities/warehouses/snowflake/errors';
import { snowflakeType } from '../../../activities/warehouses/snowflake/types';
import { shortHash } from '../../../activities/warehouses/sql/ledger-schema';
import type { HarnessTable, Passing, TableRead, TextRow, WarehouseHarness } from '../../../testing';
import { variable } from '../../services/services';
import { snowflakeAccount } from '../support/accounts';
import { snowflakeAt } from '../support/snowflake-place';

type Listener = (passing: Passing) => void | Promise<void>;

/**
 * Snowflake as the conformance suite wants it: schemas of its own in the account that variables name, otherwise in a database of
 * the stand-in, or those of another process.
 */
export async function openHarness(place?: string): Promise<WarehouseHarness> {
  const config = configOf(place ?? `CONFORMANCE_${randomBytes(4).toString('hex').toUpperCase()}`);
  const client = new SnowflakeClient(config);
  const run = (text: string): Promise<Record<string, string>[]> =>
    client.session((s) => s.run('harness', text)) as Promise<Record<string, string>[]>;
  const inDatabase = (schema: string, name: string): string => [config.database, schema, name].map(ident).join('.');
  const schemaOf = (schema: string): string => [config.database, schema].map(ident).join('.');
  if (!place) {
    if (!snowflakeAccount()) await run(`CREATE DATABASE IF NOT EXISTS ${ident(config.database)}`);
    await run(`CREATE SCHEMA IF NOT EXISTS ${schemaOf(config.schema)}`);
  }
  const relation = (table: string): string => inDatabase(config.schema, table);
  return {
    place: config.schema,
    schema: config.schema,
    open: (options = {}) => openSnowflake('main', { ...config, ...options }),
    createTable: async (table) => void (await run(createSql(relation(table.name), table))),
    read: (tables) => readAll(client, config, tables, relation),
    insert: async ({ table, columns }, rows) => {
      const into = `INSERT INTO ${relation(table)} (${columns.map(ident).join(', ')}) SELECT`;
      for (const row of rows)
        await client.session((s) =>
          s.run('harness', { text: [`${into} `, ...row.map((_, i) => (i + 1 < row.length ? ', ' : ''))], values: row }),
        );
    },
    stages: async () => {
      const stages = `SELECT TABLE_NAME AS "n" FROM ${ident(config.database)}.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '${config.stageSchema}'`;
      return (await run(stages)).map(({ n }) => inDatabase(config.stageSchema, n!));
    },
    emptyStage: async (stage) => void (await run(`DELETE FROM ${stage}`)),
    async dropLocks(targets) {
      for (const target of targets)
        await run(`DELETE FROM ${inDatabase(config.ledgerSchema, `lock_${shortHash(target)}`)}`);
    },
    watch,
    sessions: async () => sessions.size,
    async close() {
      if (!place)
        for (const schema of [config.schema, config.ledgerSchema, config.stageSchema])
          await run(`DROP SCHEMA IF EXISTS ${schemaOf(schema)}`);
      await client.close();
    },
  };
}

/** Of schemas that begin with this name. */
function configOf(schema: string): ResolvedSnowflakeConfig {
  // Of one name they would be ambiguous to the stand-in.
  const account = snowflakeAccount() ?? snowflakeAt(variable('snowflakeUrl'), `${schema}_DB`);
  return { ...account, schema, ledgerSchema: `${schema}_LEDGER`, stageSchema: `${schema}_STAGE` };
}

function createSql(relation: string, { columns, key = [] }: HarnessTable): string {
  const defined = Object.entries(columns).map(
    ([name, type]) => `${ident(name)} ${snowflakeType(type)}${key.includes(name) ? ' NOT NULL' : ''}`,
  );
  return `CREATE TABLE ${relation} (${defined.join(', ')})`;
}

/** By one statement, which sees one moment. */
async function readAll(
  client: SnowflakeClient,
  { database, schema }: ResolvedSnowflakeConfig,
  tables: readonly TableRead[],
  relation: (table: string) => string,
): Promise<TextRow[][]> {
  const found = tables.map((): TextRow[] => []);
  const width = Math.max(...tables.map((t) => t.columns.length));
  const parts: string[] = [];
  for (const [at, { table, columns }] of tables.entries()) {
    const typed = await client.session((s) =>
      s.run('harness', {
        text: [
          `SELECT COLUMN_NAME AS "name", DATA_TYPE AS "type" FROM ${ident(database)}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = '${schema}' AND TABLE_NAME = `,
          '',
        ],
        values: [table],
      }),
    );
    if (typed.length === 0) continue;
    const types = new Map(typed.map((row) => [row['name'] as string, row['type'] as string]));
    const texts = columns.map((column) => textOf(ident(column), types.get(column) ?? ''));
    const padded = [...texts, ...Array.from({ length: width - columns.length }, () => 'NULL')];
    parts.push(`SELECT ${[String(at), ...padded].map((t, i) => `${t} AS "c${i}"`).join(', ')} FROM ${relation(table)}`);
  }
  if (parts.length === 0) return found;
  const rows = await client.session((s) => s.run('harness', parts.join(' UNION ALL ')));
  for (const row of rows) {
    const at = Number(row['c0']);
    found[at]!.push(tables[at]!.columns.map((_, i) => (row[`c${i + 1}`] ?? null) as string | null));
  }
  return found;
}

function textOf(column: string, type: string): string {
  if (/^(VARIANT|OBJECT|ARRAY)/.test(type)) return `TO_JSON(${column})`;
  if (type.startsWith('BINARY')) return `HEX_ENCODE(${column})`;
  const utc = `CONVERT_TIMEZONE('UTC', ${column})`;
  if (/^TIMESTAMP_(TZ|LTZ)/.test(type))
    return `TO_CHAR(${utc}, 'YYYY-MM-DD') || 'T' || TO_CHAR(${utc}, 'HH24:MI:SS.FF6') || 'Z'`;
  return `CAST(${column} AS VARCHAR)`;
}

const listeners = new Set<Listener>();
const sessions = new Set<Session>();

function watch(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** By the name that a statement is sent under, and how it begins. */
function pointOf(name: string, text: string): Passing['point'] | undefined {
  if (text === 'COMMIT') return 'commit';
  if (name === 'stage' && text.startsWith('COPY INTO')) return 'copy';
  if (/^(publish:(insert|update|delete) |archive:written$)/.test(name)) return 'write';
  const points: Record<string, Passing['point']> = { 'publish:lock': 'lock', 'publish:ledger': 'ledger' };
  return points[name];
}

const { run: original, end } = Session.prototype;

Session.prototype.end = function ended(this: Session) {
  sessions.delete(this);
  end.call(this);
};

Session.prototype.run = async function run(this: Session, name, statement, options) {
  sessions.add(this);
  const point = pointOf(name, typeof statement === 'string' ? statement : statement.text[0]!);
  if (point === undefined) return original.call(this, name, statement, options);
  await tell(this, { point, moment: 'before' });
  const rows = await original.call(this, name, statement, options);
  await tell(this, { point, moment: 'after' });
  // It is its own transaction.
  if (point === 'copy') await tell(this, { point: 'commit', moment: 'after' });
  return rows;
};

/** What a listener throws is to the session as if its connection had. */
async function tell(session: Session, passing: Passing): Promise<void> {
  try {
    for (const listener of listeners) await listener(passing);
  } catch (error) {
    if ((error as { code?: string }).code === 'ECONNRESET') session.broken = true;
    throw snowflakeFailure(error);
  }
}
