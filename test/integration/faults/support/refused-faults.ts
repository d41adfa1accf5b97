import { gzipSync } from 'node:zlib';
import type { LoadMode, LoadRequest } from '../../../../workflows/contract';
import type { LoadErrorCode } from '../../../../workflows/load-error-code';
import type { ColumnContract, TableContract } from '../../../../workflows/table-contract';

/** A kind of fault with which nobody could publish a batch, whatever they say: the load fails at once. */
export interface RefusedFault {
  readonly what: string;
  readonly mode: LoadMode;
  readonly columns?: Readonly<Record<string, ColumnContract>>;
  readonly contract?: Omit<Partial<TableContract>, 'columns'>;
  readonly file?: string;
  /** The lines of a CSV file with `id,mark,day` and the columns, or the whole of a file. */
  readonly content: readonly string[] | string | Buffer;
  /** SQL for the table, named `$table`. */
  readonly setup?: string;
  readonly request?: Partial<LoadRequest>;
  readonly code: LoadErrorCode;
}

const day = '2026-03-02';
const good = (id: number, values: string): string => `${id},good,${day},${values}`;
const bad = (id: number | '', values: string): string => `${id},bad,${day},${values}`;
const header = 'id,mark,day,v';
const text = { v: { type: 'text' } } as const;

/** A value of `v` that its type does not have, among others that it has. */
const unreadable = (what: string, mode: LoadMode, v: ColumnContract, right: string, wrong: string): RefusedFault => ({
  what,
  mode,
  columns: { v },
  content: [good(2, right), bad(3, wrong), good(4, right)],
  code: 'InvalidValue',
});

const broken = (mode: LoadMode, what: string, code: LoadErrorCode, content: string | Buffer, file = 'a.csv'): RefusedFault => ({ what, mode, file, content, code }); // prettier-ignore

export const refusedFaults: readonly RefusedFault[] = [
  unreadable('a word for a whole number', 'append', { type: 'integer' }, '1', 'one'),
  unreadable('a fraction for a whole number', 'merge', { type: 'bigint' }, '1', '1.5'),
  unreadable('a number that is too large', 'insert-only', { type: 'integer' }, '2147483647', '2147483648'),
  unreadable('a word for a decimal', 'replace', { type: 'decimal(12,2)' }, '1.5', '1.5x'),
  unreadable('a decimal of too many digits', 'replace-partition', { type: 'decimal(4,2)' }, '99.99', '100'),
  unreadable('a date that does not exist', 'append', { type: 'date' }, '2026-02-28', '2026-02-31'),
  unreadable('a date of another form', 'merge', { type: 'date', format: 'dd.MM.yyyy' }, '28.02.2026', '2026-02-28'),
  unreadable('a time that does not exist', 'insert-only', { type: 'timestamptz' }, '2026-01-01T23:00:00Z', '2026-01-01T25:00:00Z'),
  unreadable('a word for a truth value', 'replace', { type: 'boolean' }, 'true', 'perhaps'),
  unreadable('JSON that is none', 'replace-partition', { type: 'json' }, '"{""a"": 1}"', '"{""a"": }"'),
  unreadable('a UUID that is none', 'append', { type: 'uuid' }, '123e4567-e89b-12d3-a456-426614174000', '123e4567'),
  unreadable('a zero byte', 'merge', { type: 'text' }, 'a', 'a\0b'),
  unreadable('a line that ends the data for some servers', 'insert-only', { type: 'text' }, 'a', 'a\n\\.'),
  { what: 'a text longer than its column', mode: 'replace', columns: text, setup: 'ALTER TABLE $table ALTER v TYPE varchar(3)', content: [good(2, 'abc'), bad(3, 'abcd')], code: 'InvalidValue' },
  broken('append', 'bytes that are no UTF-8', 'InvalidEncoding', Buffer.from(`${header}\n${good(2, 'a')}\n${bad(3, '\xe9')}\n`, 'latin1')),
  broken('merge', 'a row with too many fields', 'RaggedRow', `${header}\n${good(2, 'a')}\n${bad(3, 'b,c')}\n`),
  broken('insert-only', 'a row with too few fields', 'RaggedRow', `${header}\n${good(2, 'a')}\n3,bad\n`),
  broken('replace', 'a quote that is never closed', 'RaggedRow', `${header}\n${good(2, 'a')}\n${bad(3, '"b')}\n${good(4, 'a')}\n`),
  broken('replace-partition', 'a column that is missing', 'MissingColumn', `id,mark,day\n2,bad,${day}\n`),
  broken('append', 'a column that nobody knows', 'UnknownColumn', `${header},w\n${bad(2, 'a,b')}\n`),
  broken('merge', 'a file that ends early', 'CorruptFile', gzipSync(`${header}\n${Array.from({ length: 5_000 }, (_, i) => bad(i, 'a')).join('\n')}\n`).subarray(0, -20), 'a.csv.gz'),
  broken('insert-only', 'a line of NDJSON that is none', 'MalformedJson', `{"id": 2, "mark": "good", "day": "${day}", "v": "a"}\n{"id": 3, "mark": "bad"\n`, 'a.ndjson'),
  { what: 'no value in the key, where other faults only warn', mode: 'merge', columns: { id: { type: 'integer', severity: 'warn' }, ...text }, content: [good(2, 'a'), bad('', 'b')], code: 'NullKey' },
  { what: 'one key with two values', mode: 'insert-only', columns: text, content: [good(2, 'a'), bad(3, 'b'), bad(3, 'c')], code: 'ConflictingDuplicates' },
  { what: 'one key with two values that are equally new', mode: 'merge', columns: text, contract: { newest: 'day' }, content: [good(2, 'a'), bad(3, 'b'), bad(3, 'c')], code: 'ConflictingDuplicates' },
  { what: 'a value twice in the batch that must be unique', mode: 'replace', columns: { v: { type: 'text', unique: true } }, content: [good(2, 'a'), bad(3, 'b'), bad(4, 'b')], code: 'NotUnique' },
  { what: 'a value that must be unique and is in the table', mode: 'append', columns: { v: { type: 'text', unique: true } }, setup: `UPDATE $table SET v = 'b'`, content: [good(2, 'a'), bad(3, 'b')], code: 'NotUnique' },
  { what: 'a row outside of the partitions', mode: 'replace-partition', columns: text, content: [good(2, 'a'), '3,bad,2026-03-03,b'], code: 'RowsOutsidePartition' },
  { what: 'no row at all for a partition', mode: 'replace-partition', columns: text, content: [], code: 'EmptyPartition' },
  { what: 'no row at all for a table', mode: 'replace', columns: text, content: [], code: 'EmptyReplace' },
  { what: 'a key that the table has', mode: 'append', columns: text, content: [good(2, 'a'), bad(0, 'b')], code: 'KeyExists' },
  { what: 'a row that the table refuses', mode: 'merge', columns: text, setup: `ALTER TABLE $table ADD CHECK (v <> 'b')`, content: [good(2, 'a'), bad(3, 'b')], code: 'ConstraintViolated' },
  { what: 'a condition that fails on a row', mode: 'insert-only', columns: { v: { type: 'integer' } }, contract: { checks: [{ name: 'mine', sql: '10 / v > 1', severity: 'warn' }] }, content: [good(2, '1'), bad(3, '0')], code: 'InvalidCheck' },
]; // prettier-ignore
