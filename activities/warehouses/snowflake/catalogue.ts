import { loadFailure } from '../../../workflows/load-error';
import { targetIdentity } from '../../../workflows/load-key';
import type { TargetColumn } from '../../../workflows/contract';
import { parseTableName } from '../../contracts';
import { raw, sql, type CatalogueTable } from '../sql/port';
import type { SnowflakeClient } from './client';
import type { ResolvedSnowflakeConfig } from './config';
import { ident } from './dialect';

interface Named {
  readonly schema: string;
  readonly table: string;
}

function namedBy(config: ResolvedSnowflakeConfig, words: string): Named {
  const found = parseTableName(words);
  if (!found) throw loadFailure('InvalidContract', { object: words, expected: 'warehouse/schema.table' });
  return { schema: found.schema ?? config.schema, table: found.table };
}

/** See `SqlBackend.identityOf`. */
export function identityOf(config: ResolvedSnowflakeConfig, words: string): string {
  const { schema, table } = namedBy(config, words);
  return targetIdentity(config.database, schema, table);
}

/** See `SqlBackend.findTable`. */
export async function findTable(
  client: SnowflakeClient,
  config: ResolvedSnowflakeConfig,
  words: string,
): Promise<CatalogueTable | null> {
  const { schema, table } = namedBy(config, words);
  const catalogue = raw(`${ident(config.database)}.INFORMATION_SCHEMA`);
  const [kinds, columns] = await client.session(async (session) => [
    await session.run(
      'target',
      sql`SELECT TABLE_TYPE AS "kind" FROM ${catalogue}.TABLES WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table}`,
    ),
    await session.run(
      'target',
      sql`SELECT COLUMN_NAME AS "name", DATA_TYPE AS "type", IS_NULLABLE AS "nullable", CHARACTER_MAXIMUM_LENGTH AS "length",
            NUMERIC_PRECISION AS "precision", NUMERIC_SCALE AS "scale"
          FROM ${catalogue}.COLUMNS WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} ORDER BY ORDINAL_POSITION`,
    ),
  ]);
  if (!kinds?.length) return null;
  return {
    target: targetIdentity(config.database, schema, table),
    kind: String(kinds[0]!['kind']) === 'BASE TABLE' ? 'table' : 'other',
    columns: (columns ?? []).map(columnOf),
  };
}

function columnOf(row: Record<string, unknown>): TargetColumn {
  const type = String(row['type']);
  return { name: String(row['name']), type: declared(type, row), nullable: String(row['nullable']) !== 'NO' };
}

function declared(type: string, { length, precision, scale }: Record<string, unknown>): string {
  if (type === 'NUMBER') return `NUMBER(${Number(precision ?? 38)},${Number(scale ?? 0)})`;
  if (type === 'TEXT' || type === 'VARCHAR')
    return length === null || Number(length) >= 16_777_216 ? 'VARCHAR' : `VARCHAR(${Number(length)})`;
  return type;
}
