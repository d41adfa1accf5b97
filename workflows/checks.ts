import type { ColumnContract, Severity, TableCheck, TableContract } from './table-contract';

/**
 * The checks of a contract: one vocabulary for whatever evaluates them.
 *
 * A check of scope `row` is broken by rows, each by itself. A check of scope `batch` has one verdict on all of them.
 * `freshness` and `sum` read the rows that are to be loaded: those that no check of severity `quarantine` sets aside, and
 * of rows that repeat each other by the key one.
 */
export type Check = CheckHead &
  (
    | { readonly kind: 'key'; readonly column: string }
    | { readonly kind: 'notNull'; readonly column: string }
    | { readonly kind: 'unique'; readonly column: string }
    | { readonly kind: 'accepted'; readonly column: string; readonly accepted: readonly (string | number | boolean)[] }
    | { readonly kind: 'pattern'; readonly column: string; readonly pattern: string }
    | ({ readonly kind: 'length'; readonly column: string } & Bounds<number>)
    | ({ readonly kind: 'range'; readonly column: string } & Bounds<number | string>)
    | ({ readonly kind: 'rows' } & Bounds<number>)
    | { readonly kind: 'change'; readonly change: string }
    | { readonly kind: 'sql'; readonly name: string; readonly sql: string }
    | { readonly kind: 'freshness'; readonly name: string; readonly column: string; readonly within: string }
    | {
        readonly kind: 'references';
        readonly name: string;
        readonly columns: readonly string[];
        readonly table: string;
        readonly to: readonly string[];
      }
    | ({ readonly kind: 'sum'; readonly name: string; readonly column: string } & Bounds<number | string>)
  );

/** What every check has. */
export interface CheckHead {
  /** `<column>.<kind>`, `rows`, `rows.change` or `checks.<name>`: unique in its contract. */
  readonly id: string;
  readonly scope: 'row' | 'batch';
  readonly severity: Severity;
  readonly failAbove?: number | string;
  readonly reason?: string;
}

interface Bounds<T> {
  readonly min?: T;
  readonly max?: T;
}

/** What a check is about. */
export type CheckKind = Check['kind'];

/** A check of one kind. */
export type CheckOf<K extends CheckKind> = Extract<Check, { readonly kind: K }>;

/** A check that rows break, each by itself. */
export type RowCheck = CheckOf<'key' | 'notNull' | 'range' | 'accepted' | 'pattern' | 'length' | 'sql' | 'references'>;

/** Whether rows break a check, each by itself. */
export const isRowCheck = (check: Check): check is RowCheck => check.scope === 'row';

/** What a check says of one batch. Never holds the value of a row. */
export interface Verdict {
  readonly id: string;
  readonly kind: string;
  readonly column?: string;
  readonly severity: Severity;
  /** Rows that break it; of a check of the whole batch 1 or 0, and of `unique` the values that occur more than once. */
  readonly broken: number;
  /** Rows of the batch. */
  readonly of: number;
  /** `fail` also where more rows than `failAbove` break a check that only warns or sets aside. */
  readonly verdict: 'pass' | Severity;
  readonly expected: string;
  readonly got: string;
  /** Why it is expected, as the contract says. */
  readonly reason?: string;
}

/** The checks of a contract, in the order in which people are told of them: the same for every batch. */
export function checksOf(contract: TableContract): Check[] {
  return [
    ...rowsChecks(contract),
    ...Object.entries(contract.columns).flatMap(([name, column]) => columnChecks(name, column, contract.key ?? [])),
    ...(contract.checks ?? []).map(tableCheck),
  ];
}

function rowsChecks({ rows }: TableContract): Check[] {
  if (!rows) return [];
  const { min, max, change, severity = 'fail' } = rows;
  const checks: Check[] = [];
  if (min !== undefined || max !== undefined)
    checks.push({ id: 'rows', kind: 'rows', scope: 'batch', severity, ...bounds({ min, max }) });
  if (change !== undefined) checks.push({ id: 'rows.change', kind: 'change', scope: 'batch', severity, change });
  return checks;
}

function columnChecks(column: string, c: ColumnContract, key: readonly string[]): Check[] {
  const told: Pick<CheckHead, 'reason'> = c.reason === undefined ? {} : { reason: c.reason };
  const limit: Pick<CheckHead, 'failAbove'> = c.failAbove === undefined ? {} : { failAbove: c.failAbove };
  const head = <K extends CheckKind>(kind: K, severity: Severity = c.severity ?? 'fail') =>
    ({ id: `${column}.${kind}`, kind, scope: 'row', column, severity, ...limit, ...told }) as const;
  const checks: Check[] = [];
  // A row without its key has no place in the table: it cannot be loaded with a warning.
  if (key.includes(column)) checks.push(head('key', c.severity === 'quarantine' ? 'quarantine' : 'fail'));
  else if (c.notNull) checks.push(head('notNull'));
  if (c.range) checks.push({ ...head('range'), ...bounds(c.range) });
  if (c.accepted) checks.push({ ...head('accepted'), accepted: c.accepted });
  if (c.pattern !== undefined) checks.push({ ...head('pattern'), pattern: c.pattern });
  if (c.length) checks.push({ ...head('length'), ...bounds(c.length) });
  if (c.unique)
    checks.push({ id: `${column}.unique`, kind: 'unique', scope: 'batch', column, severity: 'fail', ...told });
  return checks;
}

function tableCheck(check: TableCheck): Check {
  const { name, severity = 'fail', failAbove, reason } = check;
  const head = {
    id: `checks.${name}`,
    name,
    severity,
    ...(failAbove === undefined ? {} : { failAbove }),
    ...(reason === undefined ? {} : { reason }),
  };
  if ('sql' in check) return { ...head, kind: 'sql', scope: 'row', sql: check.sql };
  if ('freshness' in check) return { ...head, kind: 'freshness', scope: 'batch', ...check.freshness };
  if ('sum' in check) {
    const { column, ...range } = check.sum;
    return { ...head, kind: 'sum', scope: 'batch', column, ...bounds(range) };
  }
  const { columns, table, to = columns } = check.references;
  return { ...head, kind: 'references', scope: 'row', columns, table, to };
}

/** Only the bounds that there are. */
function bounds<T>({ min, max }: { readonly min?: T | undefined; readonly max?: T | undefined }): Bounds<T> {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

/** What a row is set aside for: the reason in the quarantine. */
export function reasonOf(check: Check): string {
  return 'name' in check ? `check ${check.name}` : `${check.kind} of ${'column' in check ? check.column : 'rows'}`;
}

/** The verdict of a check on a batch of so many rows, of which so many break it. */
export function verdictOf(check: Check, broken: number, of: number, got?: string): Verdict {
  return {
    id: check.id,
    kind: check.kind,
    ...('column' in check && { column: check.column }),
    severity: check.severity,
    broken,
    of,
    verdict: judged(check, broken, of),
    expected: expectedBy(check),
    got: got ?? `${broken} of ${of} rows that break it`,
    ...(check.reason === undefined ? {} : { reason: check.reason }),
  };
}

function judged({ severity, failAbove }: Check, broken: number, of: number): Verdict['verdict'] {
  if (broken === 0) return 'pass';
  return failAbove !== undefined && isAbove(broken, of, failAbove) ? 'fail' : severity;
}

/** Whether more rows are broken than a count, or a share of the batch such as `1%`, allows. */
export function isAbove(broken: number, of: number, limit: number | string): boolean {
  if (typeof limit === 'number') return broken > limit;
  // In whole numbers: 0.07 of 100 rows is more than 7 of them to a double.
  return broken * 100 * percentScale > Math.round(Number.parseFloat(limit) * percentScale) * of;
}

const percentScale = 10_000;

/** What a check expects, in a few words without any value of a row. */
export function expectedBy(check: Check): string {
  switch (check.kind) {
    case 'key':
    case 'notNull':
      return 'a value';
    case 'unique':
      return 'each value once';
    case 'accepted':
      return shortened(`one of ${check.accepted.join(', ')}`);
    case 'pattern':
      return shortened(`a text that matches ${check.pattern}`);
    case 'length':
      return `${between(check)} characters`;
    case 'range':
      return between(check);
    case 'rows':
      return `${between(check)} rows`;
    case 'change':
      return `rows within ${check.change} of the median of the last ${lastLoads} loads`;
    case 'sql':
      return shortened(check.sql.replace(/\s+/g, ' '));
    case 'freshness':
      return `a newest ${check.column} of at most ${check.within} ago`;
    case 'references':
      return shortened(`${check.columns.join(', ')} in ${check.table} (${check.to.join(', ')})`);
    case 'sum':
      return `a sum of ${check.column} of ${between(check)}`;
  }
}

function between({ min, max }: Bounds<number | string>): string {
  if (max === undefined) return `${min} or more`;
  return min === undefined ? `at most ${max}` : `${min} to ${max}`;
}

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text);

/** Of how many loads `rows.change` takes the median. */
export const lastLoads = 10;
/** How many loads there must be before `rows.change` says anything. */
export const warmUpLoads = 5;

/** Whether a batch has about as many rows as the loads before it; true while there are too few to tell, or all were empty. */
export function isUsual(rows: number, before: readonly number[], change: string): boolean {
  if (before.length < warmUpLoads) return true;
  const usual = median(before);
  return usual === 0 || Math.abs(rows - usual) * 100 <= usual * Number.parseFloat(change);
}

/** The middle one of some numbers, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
