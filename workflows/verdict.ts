import type { Verdict } from './checks';
import type { ColumnContract, Severity, TableCheck, TableContract } from './table-contract';

/** What becomes of a load that is held: all of it is published, only what passed is, or nothing. */
export type LoadVerdict = 'release' | 'quarantine' | 'reject';

/** Verdicts on a load that the table would not take, each with why. */
export type ImpossibleVerdicts = Partial<Readonly<Record<'release' | 'quarantine', string>>>;

/** A check of the contract that failed. Never holds values of rows. */
export interface FailedCheck extends Omit<Verdict, 'severity' | 'verdict'> {
  /** Whether single rows break it, which could be set aside, or the batch as a whole. */
  readonly scope: 'row' | 'batch';
}

/** Why a stage may not be published unless somebody says so, and what happens if nobody does. */
export interface HeldStage {
  readonly checks: readonly FailedCheck[];
  /** The checks that would fail although the rows that break one were set aside. */
  readonly whole: readonly string[];
  /** Verdicts that could not be carried out, and the code that the publish would fail with. */
  readonly impossible?: ImpossibleVerdicts;
  /** How long a verdict is waited for, in milliseconds. */
  readonly forMs: number;
  /** What then becomes of the load; `reject` in the stead of a `quarantine` that is impossible. */
  readonly then: LoadVerdict;
}

/** The checks that one table of a load failed, and with which content. */
export interface FailedTable {
  /** Catalogue identity of the table. */
  readonly table: string;
  /** sha256 of the batch. */
  readonly sha256: string;
  /** Rows of the batch. */
  readonly rows: number;
  readonly checks: readonly FailedCheck[];
  /** The checks that would fail although the rows that break one were set aside. */
  readonly whole: readonly string[];
  /** Verdicts that could not be carried out, and the code that the publish would fail with. */
  readonly impossible?: ImpossibleVerdicts;
}

/** What was decided about a load that was held, by whom and why. */
export interface GivenVerdict {
  readonly verdict: LoadVerdict;
  readonly by: string;
  readonly reason: string;
  /** What it was decided about: the verdict counts for this and for nothing else. */
  readonly failed: readonly FailedTable[];
}

/** What the Update `verdict` takes. */
export interface VerdictInput {
  readonly verdict: LoadVerdict;
  /** Who decides. Kept in history and ledger. */
  readonly by: string;
  /** Why. Kept in history and ledger. */
  readonly reason: string;
  /** Which load, where a run has several that are held. */
  readonly loadKey?: string;
}

/** A load that waits for a verdict, or has had one. */
export interface HeldLoad {
  readonly loadKey: string;
  readonly failed: readonly FailedTable[];
  /** What can be said of it: a batch that fails as a whole has no rows to set aside, and a table may not take all rows. */
  readonly choices: readonly LoadVerdict[];
  /** ISO 8601. */
  readonly until: string;
  /** What becomes of it after {@link HeldLoad.until}. */
  readonly then: LoadVerdict;
  readonly given?: GivenVerdict;
}

/** What can be said of a load that failed these checks. */
export function choicesOf(failed: readonly Pick<FailedTable, 'whole' | 'impossible'>[]): LoadVerdict[] {
  const whole = failed.some((table) => table.whole.length > 0);
  const isPossible = (verdict: keyof ImpossibleVerdicts): boolean =>
    failed.every(({ impossible }) => impossible?.[verdict] === undefined);
  return [
    ...(isPossible('release') ? (['release'] as const) : []),
    ...(isPossible('quarantine') && !whole ? (['quarantine'] as const) : []),
    'reject',
  ];
}

/** Why a verdict on a load is impossible, a line for each table that would not take it. */
export function impossibleLines(failed: readonly FailedTable[], verdict: LoadVerdict): string[] {
  if (verdict === 'reject') return [];
  return failed.flatMap(({ impossible }) => impossible?.[verdict] ?? []);
}

/** The checks of a table that a verdict is about: it counts for the same content. */
export function decidedOn(
  given: GivenVerdict | undefined,
  { table, sha256 }: Pick<FailedTable, 'table' | 'sha256'>,
): readonly FailedCheck[] | undefined {
  return given?.failed.find((failed) => failed.table === table && failed.sha256 === sha256)?.checks;
}

/** A contract with the severities that a verdict gives to the checks that failed; they have no threshold to exceed. */
export function contractUnder(
  contract: TableContract,
  verdict: LoadVerdict,
  failed: readonly Pick<FailedCheck, 'id' | 'kind' | 'scope'>[],
): TableContract {
  const severity = verdict === 'quarantine' ? 'quarantine' : 'warn';
  // Of a batch that fails as a whole no rows can be set aside.
  const checks = verdict === 'quarantine' ? failed.filter(({ scope }) => scope === 'row') : failed;
  const ids = new Set(checks.map(({ id }) => id));
  const columns = Object.entries(contract.columns).map(([name, column]): [string, ColumnContract] => {
    if (!checks.some((check) => check.scope === 'row' && check.id === `${name}.${check.kind}`)) return [name, column];
    // A row without its key cannot be published: what the contract sets aside for that stays aside.
    const stays = column.severity === 'quarantine' && contract.key?.includes(name);
    const { failAbove: _, ...rest } = column;
    return [name, { ...rest, severity: stays ? 'quarantine' : severity }];
  });
  const { rows, checks: others, anomalies } = contract;
  const odd = checks.some(({ kind }) => kind === 'anomaly');
  return {
    ...contract,
    columns: Object.fromEntries(columns),
    ...(rows && (ids.has('rows') || ids.has('rows.change')) && { rows: { ...rows, severity: 'warn' } }),
    ...(anomalies && odd && { anomalies: { ...anomalies, severity: 'warn' } }),
    ...(others && {
      checks: others.map((check) => (ids.has(`checks.${check.name}`) ? under(check, severity) : check)),
    }),
  };
}

function under({ failAbove: _, ...check }: TableCheck, severity: Severity): TableCheck {
  return { ...check, severity } as TableCheck;
}
