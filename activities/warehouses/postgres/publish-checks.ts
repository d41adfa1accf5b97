import { isDeepStrictEqual } from 'node:util';
import { loadFailure } from '../../../workflows/load-error';
import type { GivenVerdict, OpenLoad, OpenTarget } from '../../../workflows/contract';
import { orderMatters } from '../publish-policy';
import type { PublishStage, StepContext } from '../warehouse';
import { checkUniqueInTarget } from './audit-unique';
import type { Session } from './client';
import type { LoadedFiles } from './ledger-row';
import { notUndone, type LedgerNames } from './ledger-schema';
import { relation } from './sql';
import { checkReferencesAgain } from './references';
import { stageCounts } from './stage-count';
import { catalogueColumns, checkColumns, writable } from './target-columns';
import { findTarget, nameOf, refuseKind } from './target-kind';

/** What every part of one publish needs. */
export interface Publish {
  readonly tx: Session;
  readonly names: LedgerNames;
  readonly open: OpenLoad;
  readonly stages: readonly PublishStage[];
  readonly context: StepContext;
  /** Of a load that was held. */
  readonly verdict: GivenVerdict | undefined;
}

/** An UNLOGGED stage is empty after a crash of the server: publishing it would empty a table, or lose rows. */
export async function checkStages({ tx, stages, open }: Publish): Promise<void> {
  for (const { audited } of stages) {
    const [rows, marked] = await stageCounts(tx, audited);
    if (rows !== audited.audited || marked !== audited.quarantined) {
      throw loadFailure('StageLost', {
        object: open.targets[audited.index]!.target,
        expected: `${audited.audited} rows, ${audited.quarantined} of them to set aside`,
        got: `${rows} and ${marked}`,
      });
    }
  }
}

/** Without an interval the file is the unit: another load may have taken some since `extract` looked. */
export async function checkFiles({ tx, names, open, stages }: LoadedFiles): Promise<void> {
  if (open.identity !== 'files') return;
  for (const { audited, manifest } of stages) {
    const { target } = open.targets[audited.index]!;
    const found = await tx.rows(
      'publish:overlap',
      `SELECT 1 FROM ${names.files} WHERE target = $1 AND file_id = ANY($2) LIMIT 1`,
      [target, manifest.files.map((f) => f.fileId)],
    );
    if (found.length) throw loadFailure('SourceOverlap', { object: target });
  }
}

/** Without `newest` an older interval would overwrite a newer one's rows. */
export async function checkOrder({ tx, names, open }: Pick<Publish, 'tx' | 'names' | 'open'>): Promise<void> {
  if (!open.interval) return;
  const ordered = open.targets.filter((t) => orderMatters(t));
  for (const { target } of ordered) {
    const [row] = await tx.rows<{ newest: string | null }>(
      'publish:order',
      `SELECT to_char(max(interval_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS newest FROM ${names.history} l
       WHERE targets @> ARRAY[$1] AND load_key <> $2 AND interval_start > $3 AND ${notUndone(names, 'l')}`,
      [target, open.loadKey, open.interval.start],
    );
    if (row?.newest) {
      throw loadFailure('OutOfOrder', {
        object: target,
        loadKey: open.loadKey,
        expected: `an interval from ${row.newest} or later`,
        got: open.interval.start,
      });
    }
  }
}

/** The table as it was when the load was opened; checks that read it run again if somebody has published since. */
export async function checkTargets({ tx, names, open, stages }: Publish, versions: Map<string, number>): Promise<void> {
  const targets = stages.map((s) => open.targets[s.audited.index]!);
  for (const target of inLockOrder(targets)) {
    await lockTable(tx, target);
    await checkTarget(tx, target);
  }
  for (const { audited } of stages) {
    const target = open.targets[audited.index]!;
    if (versions.get(target.target) !== audited.targetVersion) await checkUniqueInTarget(tx, target, audited);
    await checkReferencesAgain(tx, names, target, audited);
  }
}

const inLockOrder = (targets: readonly OpenTarget[]): OpenTarget[] =>
  [...targets].sort((a, b) => (a.target < b.target ? -1 : 1));

/**
 * Nobody alters the table between the look at it and the writing. For what replaces rows whoever else writes waits as
 * well: its rows would be lost or doubled. Readers never wait.
 */
async function lockTable(tx: Session, { target, mode }: OpenTarget): Promise<void> {
  const alone = mode === 'replace' || mode === 'replace-partition';
  // A parent alone is enough against altering; partitions are locked as rows go there.
  const lock = alone ? `${relation(target)} IN SHARE ROW EXCLUSIVE` : `ONLY ${relation(target)} IN ROW EXCLUSIVE`;
  try {
    await tx.run('publish:table-lock', `LOCK TABLE ${lock} MODE`);
  } catch (error) {
    const gone = ['42P01', '3F000', '42809'].includes((error as { code?: string }).code ?? '');
    throw gone ? loadFailure('SchemaMoved', { object: target, expected: 'the table', got: 'none' }) : error;
  }
}

/** Anything that would be refused now, or planned otherwise, is for opening the load again to say. */
async function checkTarget(tx: Session, { target, contract, mode, columns }: OpenTarget): Promise<void> {
  const found = await catalogueColumns(tx, target);
  try {
    refuseKind(target, await findTarget(tx, ...nameOf(target)), mode);
    checkColumns(target, contract, found, mode);
  } catch (error) {
    throw loadFailure('SchemaMoved', { object: target, cause: error });
  }
  if (columns !== null && !isDeepStrictEqual(writable(found), columns))
    throw loadFailure('SchemaMoved', { object: target });
}
