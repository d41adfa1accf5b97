import type { LoadMode } from '../../../../workflows/contract';
import type { ColumnContract, TableCheck } from '../../../../workflows/table-contract';

type RowCheck =
  | Omit<Extract<TableCheck, { sql: string }>, 'name' | 'severity'>
  | Omit<Extract<TableCheck, { references: object }>, 'name' | 'severity'>;

/** A kind of fault that single rows have. Values are those of the columns beside `id`, `mark` and `day`, as CSV. */
export interface RowFault {
  readonly what: string;
  readonly mode: LoadMode;
  readonly columns: Readonly<Record<string, ColumnContract>>;
  readonly check?: RowCheck;
  readonly good: readonly string[];
  readonly bad: readonly string[];
  /** The ids of the checks that each bad row breaks, and its reasons in the quarantine. */
  readonly ids: readonly string[];
  readonly reasons: readonly string[];
  /** Below the batch's bad rows: then it fails, whatever the severity. */
  readonly failAbove?: number | string;
  /** Whether the rows that break it lack their key, so that nothing but setting them aside is possible. */
  readonly keyless?: true;
}

const mine = { ids: ['checks.mine'], reasons: ['check mine'] } as const;
const of = (kind: string) => ({ ids: [`v.${kind}`], reasons: [`${kind} of v`] });
const states = 'main/public.known_states';

export const rowFaults: readonly RowFault[] = [
  { what: 'no text where there must be one', mode: 'append', columns: { v: { type: 'text', notNull: true } }, good: ['a', '" "'], bad: [''], ...of('notNull') },
  { what: 'no number where there must be one', mode: 'merge', columns: { v: { type: 'integer', notNull: true } }, good: ['0', '1'], bad: ['', ''], ...of('notNull') },
  { what: 'no value in the key', mode: 'insert-only', columns: { v: { type: 'text' } }, good: ['a', 'b'], bad: ['c', 'd'], ids: ['id.key'], reasons: ['key of id'], keyless: true },
  { what: 'a text that is not accepted', mode: 'replace', columns: { v: { type: 'text', accepted: ['open', 'paid'] } }, good: ['open', 'paid', ''], bad: ['Open', 'lost'], ...of('accepted') },
  { what: 'a number that is not accepted', mode: 'replace-partition', columns: { v: { type: 'integer', accepted: [1, 2] } }, good: ['1', '2', ''], bad: ['3'], ...of('accepted') },
  { what: 'a truth value that is not accepted', mode: 'append', columns: { v: { type: 'boolean', accepted: [true] } }, good: ['true', ''], bad: ['false'], ...of('accepted') },
  { what: 'a text of another pattern', mode: 'merge', columns: { v: { type: 'text', pattern: '[A-Z]{2}\\d+' } }, good: ['AB1', ''], bad: ['ab1', 'xAB1', 'AB1 '], ...of('pattern') },
  { what: 'a text that is too short', mode: 'insert-only', columns: { v: { type: 'text', length: { min: 2 } } }, good: ['ab', 'äö'], bad: ['a', '""""'], ...of('length') },
  { what: 'a text that is too long', mode: 'replace', columns: { v: { type: 'text', length: { max: 3 } } }, good: ['abc', ''], bad: ['abcd'], ...of('length') },
  { what: 'a whole number below its range', mode: 'replace-partition', columns: { v: { type: 'bigint', range: { min: 0 } } }, good: ['0', '9223372036854775807'], bad: ['-1'], ...of('range') },
  { what: 'a whole number above its range', mode: 'append', columns: { v: { type: 'smallint', range: { max: 9 } } }, good: ['9', '-5'], bad: ['10'], ...of('range') },
  { what: 'a decimal below its range by the last digit', mode: 'merge', columns: { v: { type: 'decimal(20,10)', range: { min: '0.1' } } }, good: ['0.1', ''], bad: ['0.0999999999'], ...of('range') },
  { what: 'a decimal above its range by the last digit', mode: 'insert-only', columns: { v: { type: 'decimal(20,10)', range: { max: '0.1' } } }, good: ['0.1', '-7'], bad: ['0.1000000001'], ...of('range') },
  { what: 'a decimal that rounding brings above its range', mode: 'append', columns: { v: { type: 'decimal(12,2)', range: { max: 10 } } }, good: ['10.004', '9.999'], bad: ['10.005'], ...of('range') },
  { what: 'a decimal that is no number', mode: 'replace', columns: { v: { type: 'decimal(12,2)', range: { max: 100 } } }, good: ['100', ''], bad: ['NaN'], ...of('range') },
  { what: 'a double that is no number', mode: 'replace-partition', columns: { v: { type: 'double', range: { min: 0, max: 100 } } }, good: ['0', '1e2'], bad: ['NaN'], ...of('range') },
  { what: 'an infinite number', mode: 'append', columns: { v: { type: 'double', range: { min: -100, max: 100 } } }, good: ['-100'], bad: ['Infinity', '-Infinity'], ...of('range') },
  { what: 'a date before its range', mode: 'merge', columns: { v: { type: 'date', range: { min: '2020-01-01' } } }, good: ['2020-01-01', ''], bad: ['2019-12-31', '0001-01-01'], ...of('range') },
  { what: 'a date after its range', mode: 'insert-only', columns: { v: { type: 'date', range: { max: '2030-12-31' } } }, good: ['2030-12-31', ''], bad: ['2031-01-01', 'infinity'], ...of('range') },
  { what: 'a moment before its range in another zone', mode: 'replace', columns: { v: { type: 'timestamptz', range: { min: '2026-01-01T00:00:00Z' } } }, good: ['2026-01-01T01:00:00+01:00'], bad: ['2026-01-01T00:59:59+01:00'], ...of('range') },
  { what: 'a local time after its range', mode: 'replace-partition', columns: { v: { type: 'timestamp', range: { max: '2026-01-01T00:00:00' } } }, good: ['2026-01-01 00:00:00'], bad: ['2026-01-01 00:00:00.000001'], ...of('range') },
  { what: 'a time of day out of its range', mode: 'append', columns: { v: { type: 'time', range: { min: '08:00', max: '18:00' } } }, good: ['08:00', '18:00:00'], bad: ['07:59:59', '18:00:01'], ...of('range') },
  { what: 'a value that breaks a condition', mode: 'merge', columns: { v: { type: 'integer' } }, check: { sql: 'v % 2 = 0' }, good: ['2', ''], bad: ['1', '3'], ...mine },
  { what: 'two values that contradict a condition', mode: 'insert-only', columns: { v: { type: 'date' }, w: { type: 'date' } }, check: { sql: 'w >= v' }, good: ['2026-01-01,2026-01-01', ',2020-01-01'], bad: ['2026-01-02,2026-01-01'], ...mine },
  { what: 'a value that another table does not have', mode: 'replace', columns: { v: { type: 'text' } }, check: { references: { columns: ['v'], table: states, to: ['name'] } }, good: ['open', ''], bad: ['Open', 'lost'], ...mine },
  { what: 'two values that another table has in different rows', mode: 'replace-partition', columns: { name: { type: 'text' }, code: { type: 'integer' } }, check: { references: { columns: ['name', 'code'], table: states } }, good: ['open,1', 'paid,2', 'lost,'], bad: ['open,2'], ...mine },
  { what: 'a row that breaks several checks at once', mode: 'append', columns: { v: { type: 'text', length: { max: 3 }, pattern: '[a-z]*' } }, check: { sql: `v NOT LIKE '%!'` }, good: ['abc'], bad: ['ABCD!'], ids: ['v.pattern', 'v.length', 'checks.mine'], reasons: ['pattern of v', 'length of v', 'check mine'] },
  { what: 'more broken rows than a number that sets aside', mode: 'merge', columns: { v: { type: 'integer', range: { min: 0 }, severity: 'quarantine' } }, good: ['0', '1', '2'], bad: ['-1', '-2'], failAbove: 1, ...of('range') },
  { what: 'more broken rows than a share that warns', mode: 'insert-only', columns: { v: { type: 'integer', range: { min: 0 }, severity: 'warn' } }, good: ['0', '1', '2'], bad: ['-1', '-2'], failAbove: '10%', ...of('range') },
]; // prettier-ignore
