import type { Verdict } from '../../workflows/checks';
import type { LoadWarning, OpenLoad } from '../../workflows/contract';

/** What a person is told of rows set aside: how many, why, and how to look at them. A row may break several checks. */
export function quarantineWarnings(
  open: OpenLoad,
  contract: string,
  rows: number,
  verdicts: readonly Verdict[],
): LoadWarning[] {
  if (rows === 0) return [];
  const reasons = verdicts
    .filter((v) => v.severity === 'quarantine' && v.broken > 0)
    .map((v) => `${saidOf(v)}: ${v.broken}`);
  const were = rows === 1 ? 'row was' : 'rows were';
  return [
    {
      code: 'RowsQuarantined',
      message: `${rows} ${were} set aside for ${contract} (${reasons.join('; ')}). To see them: loadline quarantine show ${open.loadId}`,
    },
  ];
}

function saidOf({ id, kind, column }: Verdict): string {
  return words[kind] === undefined ? id : `${column} ${words[kind]}`;
}

const words: Readonly<Record<string, string>> = {
  key: 'without a value',
  notNull: 'without a value',
  range: 'out of range',
  accepted: 'not accepted',
  pattern: 'of another form',
  length: 'of another length',
};
