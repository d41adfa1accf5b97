import { randomBytes } from 'node:crypto';
import { bigQueryBackend, type BigQueryBackend } from '../../../activities/warehouses/bigquery';
import { bigQueryDefaults, type ResolvedBigQueryConfig } from '../../../activities/warehouses/bigquery/config';
import {
  raw,
  sql,
  type RawSql,
  type Sql,
  type Unit,
  type UnitStatement,
} from '../../../activities/warehouses/sql/port';
import { bigQueryEndpoint } from '../../services/bigquery/standin-client';

/** A backend of a test's own, with datasets that no other test has, and a lock table with one row. */
export interface TestBackend extends BigQueryBackend {
  readonly config: ResolvedBigQueryConfig;
  readonly lock: RawSql;
  readonly table: RawSql;
  /** A unit that takes the lock and puts a row into the table. */
  puts(id: string, more?: Partial<Unit>): Unit;
  count(table?: RawSql): Promise<number>;
}

/** The configuration of a backend with datasets of this name. */
export function standinConfig(name: string, more: Partial<ResolvedBigQueryConfig> = {}): ResolvedBigQueryConfig {
  return {
    ...bigQueryDefaults,
    kind: 'bigquery',
    project: 'test-project',
    jobProject: 'test-project',
    apiEndpoint: bigQueryEndpoint(),
    storageEndpoint: bigQueryEndpoint(),
    credentials: { kind: 'none' },
    ledgerDataset: `ledger_${name}`,
    stageDataset: `stage_${name}`,
    dataset: `ledger_${name}`,
    ...more,
  };
}

/** Opens a backend whose tables are made. */
export async function openTestBackend(more: Partial<ResolvedBigQueryConfig> = {}): Promise<TestBackend> {
  const config = standinConfig(randomBytes(4).toString('hex'), more);
  const backend = bigQueryBackend(config);
  const lock = raw(`${backend.ledgerSchema}.\`lock\``);
  const table = raw(`${backend.ledgerSchema}.\`rows\``);
  await backend.makeSchemas();
  await backend.run('make', sql`CREATE TABLE ${lock} (target STRING, n INT64)`);
  await backend.run('make', sql`CREATE TABLE ${table} (text STRING, n INT64)`);
  await backend.run('fill', sql`INSERT INTO ${lock} (target, n) VALUES (${'t'}, ${0})`);
  return {
    ...backend,
    config,
    lock,
    table,
    puts: (id, given = {}) => ({
      name: 'publish',
      id,
      locks: [{ object: 'target t', sql: sql`UPDATE ${lock} SET n = n + 1 WHERE target = ${'t'}` }],
      guards: [],
      statements: [change('put', sql`INSERT INTO ${table} (text, n) VALUES (${id}, ${1})`)],
      ...given,
    }),
    async count(of = table) {
      const [row] = await backend.rows<{ n: number }>('count', sql`SELECT COUNT(*) AS n FROM ${of}`);
      return row!.n;
    },
  };
}

export const change = (name: string, statement: Sql): UnitStatement => ({ name, kind: 'change', sql: statement });
export const number = (name: string, statement: Sql): UnitStatement => ({ name, kind: 'number', sql: statement });

/** What a promise fails with. */
export const failureOf = (promise: Promise<unknown>): Promise<Error & { type?: string; details?: unknown }> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );
