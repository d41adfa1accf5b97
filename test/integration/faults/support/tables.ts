import pLimit from 'p-limit';
import type { LoadMode, LoadReceipt, LoadRequest } from '../../../../workflows/contract';
import type { ColumnContract, TableContract } from '../../../../workflows/table-contract';
import { postgresType } from '../../../../activities/warehouses/postgres/types';
import type { Lab } from '../../support/lab';
import { dayOf, raw } from '../../support/source';

/** A row of a faulty batch: its id, whether it is `good`, `bad` or one of both that comes twice, and its other values. */
export interface Line {
  readonly id: number | '';
  readonly mark: string;
  readonly values: string;
}

export const lineOf = ({ id, mark, values }: Line): string => `${id},${mark},${loadedDay},${values}`;

const loadedDay = '2026-03-02';
/** What every table has beside the columns that a fault is about. */
const base = { id: { type: 'integer' }, mark: { type: 'text' }, day: { type: 'date' } } as const;

let made = 0;

/** A lab whose own session is asked one thing at a time, by however many loads. */
export function inTurn(lab: Lab): Lab {
  const turn = pLimit(1);
  return { ...lab, rows: (sql, values) => turn(() => lab.rows(sql, values)) };
}

/** A table that holds rows of its own, and the request that loads a file into it. */
export interface Prepared {
  readonly table: string;
  readonly request: LoadRequest;
  /** What the table holds when these rows are in it. */
  after(rows: readonly Line[]): string;
}

/** Makes a table, a contract for it and a file. */
export async function prepare(
  lab: Lab,
  mode: LoadMode,
  contract: Omit<Partial<TableContract>, 'columns'> & { readonly columns: Readonly<Record<string, ColumnContract>> },
  file: { readonly name?: string; readonly content: string | Buffer },
): Promise<Prepared> {
  const table = `faulty_${++made}`;
  const columns = { ...base, ...contract.columns };
  const ddl = Object.entries(columns).map(([name, { type }]) => `${name} ${postgresType(type)}`);
  await lab.rows(`CREATE TABLE ${table} (${ddl.join(', ')}, PRIMARY KEY (id));
    INSERT INTO ${table} (id, mark, day) VALUES (0, 'seed', '2026-03-01')${mode === 'append' ? '' : `, (1, 'old', '${loadedDay}')`}`);
  const partition = mode === 'replace-partition' ? { partition: { column: 'day', by: 'day' } as const } : {};
  const into = lab.contract({ name: table, key: ['id'], ...partition, ...contract, columns });
  await lab.file(`${table}/${file.name ?? 'a.csv'}`, file.content);
  const request = { pipeline: table, into, mode, from: raw(`${table}/*`), interval: dayOf(loadedDay) } as LoadRequest;
  return { table, request, after: (rows) => after[mode](rows) };
}

/** A CSV file of such rows. */
export const csv = (columns: Readonly<Record<string, unknown>>, lines: readonly Line[]): string =>
  [['id', 'mark', 'day', ...Object.keys(columns).filter((name) => !(name in base))].join(','), ...lines.map(lineOf), ''].join('\n'); // prettier-ignore

const inOrder = (rows: readonly (readonly [number | '', string])[]): string =>
  [...new Map(rows.map((row) => [row[0], row]))
    .values()]
    .sort((a, b) => Number(a[0]) - Number(b[0]))
    .map(([id, mark]) => `${id}:${mark}`)
    .join(' '); // prettier-ignore
const marks = (rows: readonly Line[]) => rows.map(({ id, mark }) => [id, mark] as const);
const seed = [0, 'seed'] as const;
const old = [1, 'old'] as const;

const after: Record<LoadMode, (rows: readonly Line[]) => string> = {
  append: (rows) => inOrder([seed, ...marks(rows)]),
  merge: (rows) => inOrder([seed, old, ...marks(rows)]),
  'insert-only': (rows) => inOrder([...marks(rows), seed, old]),
  replace: (rows) => inOrder(marks(rows)),
  'replace-partition': (rows) => inOrder([seed, ...marks(rows)]),
};

/** Rows that a load has written, or left as they were because they were there. */
export function arrivedOf({ tables: [table] }: LoadReceipt): number {
  return table!.inserted + table!.updated + table!.unchanged;
}

/** The rows that a load has set aside, by their ids. */
export function asideOf(lab: Lab, { loadId }: LoadReceipt): Promise<{ id: number | null; mark: string; reasons: string[] }[]> {
  return lab.rows(
    `SELECT (row->>'id')::int AS id, row->>'mark' AS mark, reasons FROM _loadline.quarantine WHERE load_id = $1 ORDER BY 1, 2`,
    [loadId],
  );
} // prettier-ignore

/** What is kept of loads of a table: entries of the ledger, and rows that were set aside. */
export async function keptOf(lab: Lab, table: string): Promise<{ loads: number; aside: number }> {
  const [kept] = await lab.rows<{ loads: number; aside: number }>(
    `SELECT (SELECT count(*)::int FROM _loadline.ledger WHERE pipeline = $1) AS loads,
       (SELECT count(*)::int FROM _loadline.quarantine WHERE target LIKE '%.' || $1) AS aside`,
    [table],
  );
  return kept!;
}
