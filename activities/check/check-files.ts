import type { TableContract } from '../../workflows/table-contract';
import { openDuck } from '../sources/duck';
import type { CheckOptions, CheckReport } from './check-report';
import { Checking, fileStep } from './checking';
import { columnReading } from './column-reading';
import { openBatch } from './open-batch';
import { readRows, type ReadFile } from './read-rows';

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
