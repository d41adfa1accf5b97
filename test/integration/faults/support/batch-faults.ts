import type { LoadMode } from '../../../../workflows/contract';
import type { ColumnContract, Severity, TableContract } from '../../../../workflows/table-contract';

type Own = Pick<TableContract, 'rows' | 'checks' | 'anomalies' | 'columns'>;
/** The severities that a check of a whole batch may have. */
export type WholeSeverity = Exclude<Severity, 'quarantine'>;

/** A kind of fault that a batch has as a whole: no row of it is to blame. */
export interface BatchFault {
  readonly what: string;
  readonly mode: LoadMode;
  readonly v: ColumnContract;
  contract(severity: WholeSeverity): Partial<Own>;
  /** The values of `v`. */
  readonly rows: readonly string[];
  /** The id of the check that fails. */
  readonly id: string;
}

const mine = (check: object) => (severity: WholeSeverity) =>
  ({ checks: [{ name: 'mine', ...check, severity }] }) as unknown as Own;
const sum = (bounds: object) => mine({ sum: { column: 'v', ...bounds } });
const amount = { type: 'decimal(12,2)' } as const;

export const batchFaults: readonly BatchFault[] = [
  { what: 'too few rows', mode: 'replace', v: { type: 'text' }, contract: (severity) => ({ rows: { min: 5, severity } }), rows: ['a', 'b'], id: 'rows' },
  { what: 'too many rows', mode: 'append', v: { type: 'text' }, contract: (severity) => ({ rows: { max: 2, severity } }), rows: ['a', 'b', 'c'], id: 'rows' },
  { what: 'a sum that is too small', mode: 'merge', v: amount, contract: sum({ min: 0 }), rows: ['5', '-5.01'], id: 'checks.mine' },
  { what: 'a sum that is too large', mode: 'insert-only', v: amount, contract: sum({ max: '0.3' }), rows: ['0.1', '0.21'], id: 'checks.mine' },
  { what: 'rows that are all too old', mode: 'replace-partition', v: { type: 'timestamptz' }, contract: mine({ freshness: { column: 'v', within: '1 day' } }), rows: ['2026-03-01T23:59:59Z', ''], id: 'checks.mine' },
]; // prettier-ignore

/** A kind of fault that only the loads before it tell, by a batch of so many rows. */
export interface HistoryFault {
  readonly what: string;
  /** One that can be rolled back. */
  readonly mode: 'append' | 'replace';
  contract(severity: WholeSeverity): Partial<Own>;
  readonly rows: number;
  /** The value of `v` in a row of the batch. */
  v(row: number): string;
  /** Whether each row comes twice. */
  readonly twice?: true;
  /** Whether a row is set aside, whatever is decided about the load. */
  aside?(row: number): boolean;
  /** What has happened to the table. */
  readonly setup?: string;
  readonly undo?: string;
  readonly id: string;
}

const odd = (severity: WholeSeverity): Partial<Own> => ({ anomalies: { severity, warmUp: 5 } });
const one = (): string => '1';

export const historyFaults: readonly HistoryFault[] = [
  { what: 'many more rows than the median of the last loads', mode: 'append', contract: (severity) => ({ anomalies: false, rows: { change: '50%', severity } }), rows: 60, v: one, id: 'rows.change' },
  { what: 'many fewer rows than the loads before', mode: 'replace', contract: odd, rows: 2, v: one, id: 'anomaly.rows' },
  { what: 'many more rows than the loads before', mode: 'append', contract: odd, rows: 200, v: one, id: 'anomaly.rows' },
  { what: 'values that are suddenly missing', mode: 'append', contract: odd, rows: 20, v: (row) => (row % 4 ? '' : '1'), id: 'anomaly.v.nullRate' },
  { what: 'rows that suddenly come twice', mode: 'append', contract: odd, rows: 10, v: one, twice: true, id: 'anomaly.duplicates' },
  { what: 'rows that are suddenly set aside', mode: 'append', contract: odd, rows: 20, v: (row) => (row % 2 ? '-1' : '1'), aside: (row) => row % 2 === 1, id: 'anomaly.quarantined' },
  { what: 'a column of another type than before', mode: 'append', contract: odd, rows: 20, v: one, setup: 'ALTER v TYPE numeric(20,2)', undo: 'ALTER v TYPE numeric(12,2)', id: 'anomaly.v.type' },
]; // prettier-ignore
