import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import { prospectsOf, refusalOf, type Evaluated, type Prospects, type Tried } from '../prospects';
import type { Hold } from '../verdict-policy';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { checkOrder } from './publish-checks';
import { ident, whereGood } from './sql';
import { catalogueColumns } from './target-columns';
import { isGuarded, refuseEmptyPartitions, refuseEmptyReplace } from './write-guards';

/** What is asked about a stage that is to be held. */
export interface Asking {
  readonly tx: Session;
  readonly names: LedgerNames;
  readonly open: OpenLoad;
  readonly stage: StageRef;
  readonly hold: Hold;
  /** Audits the stage by other severities. */
  evaluate(target: OpenTarget): Promise<Evaluated>;
}

/** See the policy's `prospectsOf`. */
export const prospectsIn = (asking: Asking): Promise<Prospects> =>
  prospectsOf(asking.hold, (target) => tried(asking, target));

/** The evaluation under a verdict, or what the publish would fail with. */
async function tried({ tx, names, open, stage, evaluate }: Asking, target: OpenTarget): Promise<Tried> {
  await tx.run('audit:try', 'SAVEPOINT try');
  const outcome = await evaluate(target)
    .then(async (found) => {
      const left = { ...stage, audited: found.left, quarantined: found.quarantined };
      await checkOrder({ tx, names, open });
      await refuseUnpublishable(tx, target, left);
      return found;
    })
    .catch(refusalOf);
  await tx.run('audit:try', 'ROLLBACK TO SAVEPOINT try');
  return outcome;
}

/** The rows that would be written. */
type Left = Pick<AuditedStage, 'stage' | 'audited' | 'quarantined'>;

async function refuseUnpublishable(tx: Session, target: OpenTarget, stage: Left): Promise<void> {
  await refuseMissing(tx, target, stage);
  if (target.mode === 'replace') await refuseEmptyReplace(tx, { target, stage });
  if (target.mode === 'replace-partition' && !target.allowEmpty) await refuseEmptyPartitions(tx, { target, stage });
}

/** Rows without a value that the table wants, unless a trigger may fill it in. @throws `ConstraintViolated` */
async function refuseMissing(tx: Session, target: OpenTarget, stage: Left): Promise<void> {
  const wanted = (await catalogueColumns(tx, target.target))
    .filter(({ name, nullable }) => !nullable && Object.hasOwn(target.contract.columns, name))
    .map(({ name }) => name);
  if (wanted.length === 0 || (await isGuarded(tx, target))) return;
  const missing = wanted.map((name, i) => `count(*) FILTER (WHERE ${ident(name)} IS NULL) AS "m${i}"`);
  const sql = `SELECT ${missing.join(', ')} FROM ${stage.stage}${whereGood(stage)}`;
  const [found] = await tx.rows<Record<string, string>>('audit:missing', sql);
  const index = wanted.findIndex((_, i) => Number(found![`m${i}`]) > 0);
  if (index < 0) return;
  throw loadFailure('ConstraintViolated', {
    what: 'Rows have no value in a column of the table that must have one.',
    object: `${target.target}.${wanted[index]!}`,
    got: `${found![`m${index}`]} rows without a value where the table has NOT NULL`,
  });
}
