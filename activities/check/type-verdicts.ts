import type { TableContract } from '../../workflows/table-contract';
import type { FileVerdict } from './check-report';
import { state } from './column-reading';
import { column } from './row-conditions';

/** A verdict, and the place of the first row that breaks it. */
type TypeVerdict = FileVerdict & { readonly place: number | null };

/** Whether every text is a value of its column's type: what is none makes a load fail before it checks anything. */
export async function typeVerdicts(
  contract: TableContract,
  rows: number,
  one: (sql: string) => Promise<readonly unknown[]>,
): Promise<TypeVerdict[]> {
  const columns = Object.keys(contract.columns);
  const asked = columns.flatMap((name) => {
    const is = column(name, contract).state;
    return [state.misfit, state.unsure].flatMap((kind) => [
      `count(*) FILTER (WHERE ${is} = ${kind})::DOUBLE`,
      `(min(place) FILTER (WHERE ${is} = ${kind}))::DOUBLE`,
    ]);
  });
  const found = await one(`SELECT ${asked.join(', ')} FROM batch`);
  return columns.map((name, index) => verdict(name, contract, rows, found.slice(4 * index) as (number | null)[]));
}

function verdict(
  name: string,
  { columns }: TableContract,
  rows: number,
  [misfits, misfit, unsures, unsure]: readonly (number | null)[],
): TypeVerdict {
  const { type, format } = columns[name]!;
  const head = { id: `${name}.type`, kind: 'type', column: name, of: rows };
  const expected = format === undefined ? type : `${type} written as ${format}`;
  if (!misfits && unsures) {
    const got = `${unsures} of ${rows} rows that the server reads by its own settings or version; a format would say how`;
    return { ...head, severity: 'warn', broken: unsures, verdict: 'warn', expected, got, place: unsure ?? null };
  }
  const got = `${misfits} of ${rows} rows with another value`;
  const fails = misfits ? 'fail' : 'pass';
  return { ...head, severity: 'fail', broken: misfits ?? 0, verdict: fails, expected, got, place: misfit ?? null };
}
