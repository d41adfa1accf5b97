import { loadFailure } from '../../workflows/load-error';
import { loadErrors, type LoadErrorCode } from '../../workflows/load-error-code';
import type { Verdict } from '../../workflows/checks';
import type { LoadWarning } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';

/** The code of a failed check, and of its warning. */
export function codeOfCheck({ kind }: Pick<Verdict, 'kind'>): LoadErrorCode {
  return codes[kind] ?? 'CheckFailed';
}

const codes: Readonly<Record<string, LoadErrorCode>> = {
  key: 'NullKey',
  notNull: 'NullValue',
  range: 'OutOfRange',
  rows: 'RowCount',
};

/** The failure of the checks that have failed, with the code of the first; `null` where none has. */
export function failureOf({ name, owner }: TableContract, verdicts: readonly Verdict[]): Error | null {
  const failed = verdicts.filter((v) => v.verdict === 'fail');
  // A row without a key has no place in the table, whatever else is wrong.
  const first = failed.find((v) => v.kind === 'key') ?? failed[0];
  if (first === undefined) return null;
  const { expected, got } = first;
  const code = codeOfCheck(first);
  return loadFailure(code, {
    object: first.kind === 'rows' ? name : `${name}.${isOfColumn(first) ? first.column : first.id}`,
    ...(failed.length === 1 ? { expected, got } : { got: failed.map(toldOf).join('; ') }),
    ...(owner === undefined ? {} : { remedy: `${loadErrors[code].remedy} Who answers for the table: ${owner}.` }),
  });
}

const isOfColumn = ({ id, column, kind }: Verdict): boolean => column !== undefined && id === `${column}.${kind}`;

/** A check that is broken, in words without values. */
function toldOf(verdict: Verdict): string {
  const { id, kind, column, expected, got } = verdict;
  return `${isOfColumn(verdict) ? `${kind} of ${column}` : id}: expected ${expected}, got ${got}`;
}

/** A warning for each check that warns. */
export function checkWarnings({ name }: TableContract, verdicts: readonly Verdict[]): LoadWarning[] {
  const warned = verdicts.filter((v) => v.verdict === 'warn');
  return warned.map((v) => ({
    code: codeOfCheck(v),
    message: `${name}, ${toldOf(v)}${v.reason === undefined ? '' : ` (${v.reason})`}`,
  }));
}
