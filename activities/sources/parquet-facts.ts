import type { DuckDBConnection } from '@duckdb/node-api';
import { loadFailure } from '../../workflows/load-error';
import { namedTwice } from './csv-header';
import { duckText, parquetFailure, parquetRelation } from './duck';

/** A column of a Parquet file. */
export interface ParquetColumn {
  /** As in the file. */
  readonly name: string;
  /** As DuckDB calls it: renamed where two names differ in case only. */
  readonly duckName: string;
  readonly duckType: string;
}
/** What the metadata of a Parquet file tell. */
export interface ParquetFacts {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
}

/**
 * Reads the metadata of a Parquet file of this machine.
 *
 * @param object - Names the file in failures.
 * @throws `CorruptFile`, `UnsupportedFormat`, `InvalidValue`
 */
export async function readParquetFacts(duck: DuckDBConnection, local: string, object: string): Promise<ParquetFacts> {
  try {
    const described = await duck.runAndReadAll(`DESCRIBE SELECT * FROM ${parquetRelation(local)}`);
    const schema = await duck.runAndReadAll(
      `SELECT name, coalesce(num_children, 0)::INTEGER FROM parquet_schema(${duckText(local)})`,
    );
    const meta = await duck.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata(${duckText(local)})`);
    const names = topLevelNames(schema.getRows() as [string, number][]);
    const columns = described.getRows().map(([duckName, duckType], index) => ({
      name: names[index] ?? String(duckName),
      duckName: String(duckName),
      duckType: String(duckType),
    }));
    refuseUnclear(columns, names, object);
    return { columns, rows: Number(meta.getRows()[0]?.[0]) };
  } catch (error) {
    throw parquetFailure(error, object);
  }
}

function refuseUnclear(columns: readonly ParquetColumn[], names: readonly string[], object: string): void {
  if (columns.length !== names.length) {
    throw loadFailure('UnsupportedFormat', { what: 'The columns of a Parquet file cannot be told apart.', object });
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw namedTwice(twice, object);
}

/** The schema is a tree in depth-first order: the root, then each column followed by its own children. */
function topLevelNames(rows: readonly [string, number][]): string[] {
  const names: string[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < (rows[at]?.[1] ?? 0); child++) next = skip(next);
    return next;
  };
  for (let at = 1; at < rows.length; at = skip(at)) names.push(rows[at]?.[0] ?? '');
  return names;
}
