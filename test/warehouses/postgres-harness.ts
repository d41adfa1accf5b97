import { Client, Pool, type PoolClient } from 'pg';
import { openPostgres } from '../../activities/warehouses/postgres';
import { postgresDefaults } from '../../activities/warehouses/postgres/config';
import { postgresType } from '../../activities/warehouses/postgres/types';
import type { HarnessTable, Passing, TableRead, TextRow, WarehouseHarness } from '../../testing';
import { createDatabase } from '../services/services';

const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const relation = (table: string): string => `public.${ident(table)}`;
type Point = Passing['point'];

/** PostgreSQL as the conformance suite wants it: a database of its own, or the one of another process. */
export async function openHarness(place?: string): Promise<WarehouseHarness> {
  const url = place ?? (await createDatabase('conformance'));
  const pool = new Pool({ connectionString: url, application_name: 'harness', max: 4, options: '-c timezone=UTC' });
  pool.on('error', () => undefined);
  const rowsOf = async (sql: string, values: unknown[] = []) =>
    (await pool.query<Record<string, string>>(sql, values)).rows;
  return {
    place: url,
    schema: 'public',
    open: (options = {}) => openPostgres('main', { ...postgresDefaults, kind: 'postgres', url, ...options }),
    createTable: async (table) => void (await pool.query(createSql(table))),
    read: (tables) => readAll(pool, tables),
    insert: (table, rows) => insertAll(pool, table, rows),
    stages: async () =>
      (await rowsOf(`SELECT stage FROM _loadline.stages WHERE to_regclass(stage) IS NOT NULL`)).map((r) => r['stage']!),
    emptyStage: async (stage) => void (await pool.query(`TRUNCATE ${stage}`)),
    dropLocks: async (targets) =>
      void (await pool.query(`DELETE FROM _loadline.locks WHERE target = ANY($1)`, [targets])),
    sessions: async () =>
      Number(
        (await rowsOf(`SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'loadline'`))[0]?.['n'],
      ), // prettier-ignore
    watch: watchStatements,
    close: () => pool.end(),
  };
}

function createSql({ name, columns, key = [] }: HarnessTable): string {
  const definitions = Object.entries(columns).map(([column, type]) => `${ident(column)} ${postgresType(type)}`);
  if (key.length) definitions.push(`PRIMARY KEY (${key.map(ident).join(', ')})`);
  return `CREATE TABLE ${relation(name)} (${definitions.join(', ')})`;
}

/** In one snapshot. */
async function readAll(pool: Pool, tables: readonly TableRead[]): Promise<TextRow[][]> {
  const session = await pool.connect();
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const found: TextRow[][] = [];
    for (const table of tables) found.push(await readOne(session, table));
    return found;
  } finally {
    await session.query('ROLLBACK');
    session.release();
  }
}

async function readOne(session: PoolClient, { table, columns }: TableRead): Promise<TextRow[]> {
  const there = await session.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [relation(table)]);
  if (there.rowCount === 0) return [];
  const text = `SELECT ${columns.map((c) => `${ident(c)}::text`).join(', ')} FROM ${relation(table)}`;
  return (await session.query({ text, rowMode: 'array' })).rows as TextRow[];
}

async function insertAll(pool: Pool, { table, columns }: TableRead, rows: readonly TextRow[]): Promise<void> {
  const into = `INSERT INTO ${relation(table)} (${columns.map(ident).join(', ')})`;
  for (const row of rows) await pool.query(`${into} VALUES (${row.map((_, i) => `$${i + 1}`).join(', ')})`, [...row]);
}

const listeners = new Set<(passing: Passing) => void | Promise<void>>();

function watchStatements(listener: (passing: Passing) => void | Promise<void>): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Statements carry what they do as a comment. */
function pointOf(text: string): Point | undefined {
  const tag = /^\/\* loadline:(\S+) \*\//.exec(text)?.[1] ?? '';
  if (/^(publish:(insert|update|upsert|delete)|archive:batch)$/.test(tag)) return 'write';
  const points: Record<string, Point> = { 'stage:copy': 'copy', 'publish:lock': 'lock', 'publish:ledger': 'ledger', commit: 'commit' }; // prettier-ignore
  return points[tag];
}

const tell = async (passing: Passing): Promise<void> => {
  for (const listener of listeners) await listener(passing);
};

type Query = (this: Client, ...args: unknown[]) => unknown;
const original = Client.prototype.query as unknown as Query;

(Client.prototype as unknown as { query: Query }).query = function (this: Client, ...args: unknown[]): unknown {
  const [statement] = args as [string | { text?: string } | undefined];
  const isText = typeof statement === 'string';
  const point = pointOf((isText ? statement : statement?.text) ?? '');
  if (point === undefined) return original.apply(this, args);
  // COPY is a stream, which is given back at once.
  if (!isText) return (void tell({ point, moment: 'before' }), original.apply(this, args));
  return passing(this, args, point);
};

async function passing(client: Client, args: unknown[], point: Point): Promise<unknown> {
  await tell({ point, moment: 'before' });
  const result = await original.apply(client, args);
  await tell({ point, moment: 'after' });
  return result;
}
