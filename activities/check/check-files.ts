import { loadFailure } from '../../workflows/load-error';
import type { TableContract } from '../../workflows/table-contract';
import { openDuck } from '../sources/duck';
import type { CheckOptions, CheckReport } from './check-report';
import { Checking, fileStep } from './checking';
import { columnReading } from './column-reading';
import { openBatch } from './open-batch';
import { maxRowBytes, readRows, type ReadFile } from './read-rows';

/**
 * Reads files as a load reads them and makes the contract's checks on all of their rows together.
 *
 * @throws what makes a load refuse the files: `MissingColumn`, `UnknownColumn`, `RaggedRow`, `InvalidEncoding`, `CorruptFile` …
 */
export async function checkFiles(
  contract: TableContract,
  files: readonly string[],
  options: CheckOptions = {},
): Promise<CheckReport> {
  const duck = await openDuck();
  try {
    const batch = await openBatch(files, options, contract, duck.folder);
    const read: ReadFile[] = [];
    for (const file of batch.manifest.files) {
      read.push(await readRows(duck, batch, file, contract));
      await duck.connection.run(appendSql(contract, read.length - 1));
    }
    return await new Checking(duck, contract, options, batch, read).report();
  } catch (error) {
    throw withoutValues(error, files);
  } finally {
    await duck.close();
  }
}

/** Rows of the `index`-th file as values, into the table `batch`. */
function appendSql(contract: TableContract, index: number): string {
  const columns = Object.values(contract.columns).map(columnReading);
  const values = `SELECT *, ${columns.map(({ value }) => value).join(', ')} FROM raw`;
  const states = `SELECT *, ${columns.map(({ state }) => state).join(', ')} FROM (${values})`;
  const kept = columns.map(({ kept }) => kept).join(', ');
  const into = index === 0 ? 'CREATE TEMP TABLE batch AS' : 'INSERT INTO batch';
  return `${into} SELECT ${index}::BIGINT * ${fileStep} + n AS place, ${kept} FROM (${states})`;
}

/** DuckDB quotes what it could not work with; only the kind of its errors may be told. */
function withoutValues(error: unknown, files: readonly string[]): unknown {
  const { message = '' } = (error ?? {}) as Partial<Error>;
  const [, kind] = /^([A-Z][A-Za-z ]* (?:Error|Exception)): /.exec(message) ?? [];
  if (kind === undefined) return error;
  const object = files.join(', ');
  if (!/maximum line size/i.test(message))
    return loadFailure('Unexpected', { what: 'The files could not be checked.', object, got: `DuckDB: ${kind}` });
  return loadFailure('RowTooLong', {
    what: 'A row is longer than can be checked without a warehouse.',
    object,
    expected: `rows of at most ${maxRowBytes} bytes`,
    remedy: 'Check a sample without it.',
  });
}
