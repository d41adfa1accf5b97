import { randomBytes } from 'node:crypto';
import { bigQueryBackend, openBigQuery } from '../../../activities/warehouses/bigquery';
import { BigQueryClient } from '../../../activities/warehouses/bigquery/client';
import type { ResolvedBigQueryConfig } from '../../../activities/warehouses/bigquery/config';
import { bigQueryType, columnsOf } from '../../../activities/warehouses/bigquery/types';
import { shortHash } from '../../../activities/warehouses/sql/ledger-schema';
import { raw, sql, type SqlBackend } from '../../../activities/warehouses/sql/port';
import type { HarnessTable, TableRead, TextRow, WarehouseHarness } from '../../../testing';
import { bigQueryProject } from '../support/accounts';
import { standinConfig } from './support';
import { watchJobs } from './watch-jobs';

/**
 * BigQuery as the conformance suite wants it: datasets of its own in the project that variables name, otherwise in the stand-in, or
 * those of another process.
 */
export async function openHarness(place?: string): Promise<WarehouseHarness> {
  const name = place ?? `conformance_${randomBytes(4).toString('hex')}`;
  const config = configOf(name);
  if (!place) await new BigQueryClient(config).makeDataset(config.dataset!);
  const backend = bigQueryBackend(config);
  const tables = new HarnessTables(config, backend);
  return {
    place: name,
    schema: config.dataset!,
    open: (options = {}) => openBigQuery('main', { ...config, ...options }),
    createTable: (table) => tables.create(table),
    read: (reads) => tables.read(reads),
    insert: (table, rows) => tables.insert(table, rows),
    async stages() {
      const found = sql`SELECT table_name AS name FROM ${raw(backend.stageSchema)}.INFORMATION_SCHEMA.TABLES`;
      const rows = await backend.rows<{ name: string }>('stages', found);
      return rows.map((row) => `${backend.stageSchema}.${backend.dialect.ident(row.name)}`);
    },
    emptyStage: async (stage) => void (await backend.run('empty', sql`DELETE FROM ${raw(stage)} WHERE TRUE`)),
    async dropLocks(targets) {
      for (const target of targets) {
        const lock = `${backend.ledgerSchema}.${backend.dialect.ident(`lock_${shortHash(target)}`)}`;
        await backend.run('drop', sql`DELETE FROM ${raw(lock)} WHERE TRUE`);
      }
    },
    watch: watchJobs,
    async close() {
      if (!place)
        for (const schema of [config.dataset!, config.ledgerDataset, config.stageDataset])
          await backend.run('close', sql`DROP SCHEMA IF EXISTS ${raw(backend.dialect.ident(schema))} CASCADE`);
    },
  };
}

const configOf = (name: string): ResolvedBigQueryConfig => ({
  ...(bigQueryProject() ?? standinConfig(name)),
  dataset: `data_${name}`,
  ledgerDataset: `ledger_${name}`,
  stageDataset: `stage_${name}`,
});

/** Tables of the suite, made and read past Loadline. */
class HarnessTables {
  readonly #client: BigQueryClient;

  constructor(
    private readonly config: ResolvedBigQueryConfig,
    private readonly backend: SqlBackend,
  ) {
    this.#client = new BigQueryClient(config);
  }

  async create({ name, columns, key = [] }: HarnessTable): Promise<void> {
    const { ident } = this.backend.dialect;
    const made = Object.entries(columns).map(
      ([column, type]) => `${ident(column)} ${bigQueryType(type)}${key.includes(column) ? ' NOT NULL' : ''}`,
    );
    await this.backend.run('create', sql`CREATE TABLE ${raw(this.#relation(name))} (${raw(made.join(', '))})`);
  }

  /** In one query, which sees one moment. */
  async read(tables: readonly TableRead[]): Promise<TextRow[][]> {
    const width = Math.max(...tables.map(({ columns }) => columns.length));
    const places = Array.from({ length: width }, (_, i) => `c${i}`);
    const selects: string[] = [];
    for (const [index, { table, columns }] of tables.entries()) {
      const types = await this.#types(table);
      if (types === null) continue;
      const texts = places.map(
        (place, i) => `${columns[i] === undefined ? nullText : this.#text(columns[i], types)} AS ${place}`,
      );
      selects.push(`SELECT ${index} AS t, ${texts.join(', ')} FROM ${this.#relation(table)}`);
    }
    if (selects.length === 0) return tables.map(() => []);
    type Found = Readonly<Record<string, string | null>> & { readonly t: number };
    const rows = await this.backend.rows<Found>('read', sql`${raw(selects.join(' UNION ALL '))}`);
    return tables.map(({ columns }, index) =>
      rows.filter(({ t }) => t === index).map((row) => columns.map((_, i) => row[`c${i}`] ?? null)),
    );
  }

  async insert({ table, columns }: TableRead, rows: readonly TextRow[]): Promise<void> {
    const { ident } = this.backend.dialect;
    const types = (await this.#types(table))!;
    const into = raw(`${this.#relation(table)} (${columns.map(ident).join(', ')})`);
    for (const row of rows) {
      const values = row.map((value, i) => sql`CAST(${value} AS ${raw(types.get(columns[i]!)!)})`);
      const list = values.reduce((before, value) => sql`${before}, ${value}`);
      await this.backend.run('insert', sql`INSERT INTO ${into} SELECT ${list}`);
    }
  }

  /** The types of a table's columns; `null`: there is no such table. */
  async #types(table: string): Promise<Map<string, string> | null> {
    const found = await this.#client.getTable(this.config.dataset!, table);
    return found && new Map(columnsOf(found.schema?.fields ?? []).map(({ name, type }) => [name, type]));
  }

  #text(column: string, types: ReadonlyMap<string, string>): string {
    const name = this.backend.dialect.ident(column);
    const type = types.get(column) ?? '';
    if (type.startsWith('BYTES')) return `TO_HEX(${name})`;
    return type === 'JSON' ? `TO_JSON_STRING(${name})` : `CAST(${name} AS STRING)`;
  }

  #relation(table: string): string {
    const { ident } = this.backend.dialect;
    return [this.config.project, this.config.dataset!, table].map(ident).join('.');
  }
}

const nullText = 'CAST(NULL AS STRING)';
