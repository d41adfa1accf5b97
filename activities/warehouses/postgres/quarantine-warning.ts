import type { LoadWarning, OpenLoad } from '../../../workflows/contract';
import type { LedgerNames } from './ledger-schema';
import { literal, type RowCheck } from './sql';

/** How many rows break an expectation. */
export interface BrokenCheck {
  readonly check: RowCheck;
  readonly rows: number;
}

/** What a person is told of rows set aside: how many, why, and how to look at them. A row may break several checks. */
export function quarantineWarnings(
  open: OpenLoad,
  contract: string,
  rows: number,
  broken: readonly BrokenCheck[],
  { quarantine }: Pick<LedgerNames, 'quarantine'>,
): LoadWarning[] {
  if (rows === 0) return [];
  const reasons = broken.map(({ check, rows }) => `${check.column} ${words[check.check]}: ${rows}`).join('; ');
  const query = `SELECT reasons, row FROM ${quarantine} WHERE load_id = ${literal(open.loadId)}`;
  const were = rows === 1 ? 'row was' : 'rows were';
  return [
    {
      code: 'RowsQuarantined',
      message: `${rows} ${were} set aside for ${contract} (${reasons}). To see them: ${query}`,
    },
  ];
}

const words: Readonly<Record<RowCheck['check'], string>> = {
  key: 'without a value',
  notNull: 'without a value',
  range: 'out of range',
};
