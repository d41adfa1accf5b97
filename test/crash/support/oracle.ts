import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { columns, type CrashMode } from './tables';

/** How many rows a table has, and a hash over all values of all of them that no order changes. */
export interface Content {
  readonly rows: number;
  readonly hash: string | null;
}

let instance: Promise<DuckDBInstance> | undefined;

async function withDuck<T>(work: (duck: DuckDBConnection) => Promise<T>): Promise<T> {
  const duck = await (await (instance ??= DuckDBInstance.create(':memory:', { threads: '1' }))).connect();
  try {
    await duck.run("SET TimeZone = 'UTC'");
    return await work(duck);
  } finally {
    duck.closeSync();
  }
}

/**
 * Writes a CSV file of one day, with whatever CSV can hold: separators, quotes, line breaks, NULL beside the empty text.
 * Keys of neighbouring days overlap by half, and `updated` differs for every row with one key.
 */
export async function writeDay(path: string, dayNumber: number, rows: number): Promise<void> {
  const first = Math.floor((dayNumber * rows) / 2);
  await withDuck((duck) =>
    duck.run(`COPY (
      SELECT ${first} + i AS id, DATE '2026-01-01' + ${dayNumber} AS day,
             ((hash(i, ${dayNumber}) % 1000000)::BIGINT / 100)::DECIMAL(12,2) AS amount,
             CASE i % 3 WHEN 0 THEN true WHEN 1 THEN false END AS paid,
             CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a,"b"' || chr(10) || 'ß€😀' ELSE 'note ' || hash(i) END AS note,
             strftime(TIMESTAMP '2026-01-01' + to_microseconds((hash(i, ${dayNumber}) % 1000000)::BIGINT * 1000 + ${dayNumber}), '%Y-%m-%dT%H:%M:%S.%fZ') AS updated
      FROM range(${rows}) t(i)
    ) TO '${path}' (FORMAT csv, HEADER, FORCE_QUOTE (note))`),
  );
}

/** What a table must hold after these files: computed from the files alone, by another engine. */
export function expectedContent(mode: CrashMode, files: readonly string[]): Promise<Content> {
  const types = Object.entries(columns).map(([name, c]) => `'${name}': '${c.duck}'`);
  const read = `SELECT * FROM read_csv([${files.map((f) => `'${f}'`).join(', ')}], columns = {${types.join(', ')}},
                header = true, quote = '"', nullstr = '', allow_quoted_nulls = false, timestampformat = '%Y-%m-%dT%H:%M:%S.%fZ')`;
  const winners =
    mode === 'merge'
      ? `SELECT * FROM (${read}) QUALIFY row_number() OVER (PARTITION BY id ORDER BY updated DESC) = 1`
      : read;
  return withDuck(async (duck) => {
    if (!files.length) return { rows: 0, hash: null };
    const result = await duck.runAndReadAll(contentSql(winners, 1, ''));
    const [row] = result.getRows();
    return { rows: Number(row![0]), hash: row![1] as string | null };
  });
}

/** The same question for PostgreSQL. */
export const contentOfTable = (table: string): string =>
  contentSql(`SELECT * FROM public."${table}"`, 0, ' COLLATE "C"');

function contentSql(rows: string, dialect: 0 | 1, collation: string): string {
  const values = Object.values(columns).map((c) => `coalesce('=' || ${c.text[dialect]}, '-')`);
  return `SELECT count(*) AS rows, md5(string_agg(h, '' ORDER BY h${collation})) AS hash
          FROM (SELECT md5(${values.join(` || '|' || `)}) AS h FROM (${rows}) r) hashed`;
}
