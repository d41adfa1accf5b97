import { loadErrorOf, loadFailure, type LoadFailure } from '../../../workflows/load-error';
import type { AuditedStage, HeldStage, OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import type { Verdict } from '../../../workflows/checks';
import type { Hold } from '../verdict-policy';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { checkOrder } from './publish-checks';
import { ident, whereGood } from './sql';
import { catalogueColumns } from './target-columns';
import { isGuarded, refuseEmptyPartitions, refuseEmptyReplace } from './write-guards';

/** What an audit has found, and which rows it has left. */
export interface Evaluated {
  readonly quarantined: number;
  /** Rows of the stage, once repetitions are out. */
  readonly left: number;
  readonly verdicts: readonly Verdict[];
}

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

/** What a person would decide about, and what could be published of it at most. */
export interface Prospects {
  readonly rest: Evaluated;
  readonly held: HeldStage;
}

/**
 * Tries each verdict that would publish, as far as that shows before it is published: nobody is asked about what nobody
 * could publish, nor offered a verdict that would fail.
 *
 * @throws why, where none is possible
 */
export async function prospectsOf(asking: Asking): Promise<Prospects> {
  const { hold } = asking;
  const rest = await tried(asking, hold.rest);
  const all = await tried(asking, hold.all);
  const held = hold.held(verdictsOf(rest), verdictsOf(all), {
    ...(isRefusal(rest) && { quarantine: textOf(rest) }),
    ...(isRefusal(all) && { release: textOf(all) }),
  });
  if (isRefusal(all) && (isRefusal(rest) || held.whole.length > 0)) throw isRefusal(rest) ? rest : all;
  return { rest: isRefusal(rest) ? (all as Evaluated) : rest, held };
}

type Tried = Evaluated | LoadFailure;

const isRefusal = (tried: Tried): tried is LoadFailure => 'details' in tried;
const verdictsOf = (tried: Tried): readonly Verdict[] => (isRefusal(tried) ? [] : tried.verdicts);

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
    .catch((error: unknown) => {
      const failure = loadErrorOf(error);
      if (failure && refusals.has(failure.type)) return failure;
      throw error;
    });
  await tx.run('audit:try', 'ROLLBACK TO SAVEPOINT try');
  return outcome;
}

const refusals: ReadonlySet<string> = new Set([
  'NotUnique',
  'ConflictingDuplicates',
  'RowsOutsidePartition',
  'OutOfOrder',
  'EmptyReplace',
  'EmptyPartition',
  'ConstraintViolated',
]);

/** A refusal without its remedy, which is another where nothing has failed yet. */
function textOf({ type, details: [{ object, got }] }: LoadFailure): string {
  return `${type} [${object}]${got === undefined ? '' : `: ${got}`}`;
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
