import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ApplicationFailure } from '@temporalio/common';
import { loadFailure } from '../../workflows/load-error';

/** A DuckDB of its own, with a folder for what it spills. */
export interface Duck {
  readonly connection: DuckDBConnection;
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts a DuckDB with bounded memory. Takes some 20 ms. */
export async function openDuck(): Promise<Duck> {
  const folder = await mkdtemp(join(tmpdir(), `loadline-${process.pid}-`));
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      // With two it buffers whole row groups as text, to keep their order: 400 MB instead of 110, and no faster.
      threads: '1',
      memory_limit: '256MB',
      temp_directory: join(folder, 'spill'),
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const close = async (): Promise<void> => {
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true, force: true });
    };
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run('SET enable_progress_bar = true');
    await connection.run('SET enable_progress_bar_print = false');
    return { connection, folder, close };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Quotes text for DuckDB's SQL. */
export const duckText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** Quotes a name for DuckDB's SQL. */
export const duckName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A Parquet file as a relation; columns come from the file alone, never from folder names such as `day=1`. */
export const parquetRelation = (path: string): string =>
  `read_parquet(${duckText(path)}, hive_partitioning = false, union_by_name = false, filename = false)`;

const known: readonly (readonly [RegExp, Parameters<typeof loadFailure>[0], string?])[] = [
  [/No files found|No such file/i, 'SourceNotFound'],
  [/Permission denied/i, 'SourceUnreadable'],
  [/encrypt/i, 'UnsupportedFormat'],
  [/Invalid string encoding|Invalid unicode/i, 'InvalidEncoding'],
  [/^Not implemented/i, 'UnsupportedFormat'],
  [/^Conversion Error|^Out of Range/i, 'InvalidValue'],
  [/^Out of Memory/i, 'Unexpected', 'Write the Parquet file with smaller row groups.'],
  [/No space left|^IO Error: Could not write/i, 'WorkerFull', "Free space in the worker's folder for temporary files."],
  [/^Invalid Input|^IO Error|^INTERNAL|^Serialization|^TProtocol|^Invalid|out of buffer/i, 'CorruptFile'],
];

/** Turns an error of DuckDB that arose while reading a Parquet file into a failure of a load. */
export function parquetFailure(error: unknown, object: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const message = String((error as { message?: unknown }).message);
  const [, code = 'Unexpected', remedy] = known.find(([pattern]) => pattern.test(message)) ?? [];
  // DuckDB quotes the value that it could not convert or decode; values of rows stay out of failures.
  const cause = ['InvalidValue', 'InvalidEncoding', 'Unexpected'].includes(code) ? undefined : error;
  return loadFailure(code, { object, cause, ...(remedy ? { remedy } : {}) });
}
