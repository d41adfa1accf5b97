import { loadFailure } from '../../../workflows/load-error';
import type { OpenTarget } from '../../../workflows/contract';
import type { Session } from './client';
import { ident, insideRanges, relation, sameKey, whereGood, type MarkedStage } from './sql';
import { typeOf } from './stage-columns';

function uniqueColumns({ contract }: OpenTarget): string[] {
  const alone = contract.key?.length === 1 ? contract.key[0] : undefined;
  // Alone in the key it is unique already: equal rows collapse, others are ConflictingDuplicates.
  return Object.entries(contract.columns)
    .filter(([name, c]) => c.unique && name !== alone)
    .map(([name]) => name);
}

/** @throws `NotUnique` */
export async function checkUnique(tx: Session, target: OpenTarget, stage: MarkedStage): Promise<void> {
  for (const name of uniqueColumns(target)) {
    const column = ident(name);
    // Rows that repeat each other in full count once.
    const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM ${stage.stage} s${whereGood(stage, `${column} IS NOT NULL`)}
                 GROUP BY ${column} HAVING count(DISTINCT ${target.contract.key ? '(s.*)::text' : 's.ctid'}) > 1) d`;
    const [found] = await tx.rows<{ n: string }>('audit:unique', sql);
    if (Number(found?.n) > 0)
      throw loadFailure('NotUnique', {
        object: `${target.contract.name}.${name}`,
        got: `${found?.n} values in several rows of the batch`,
      });
  }
}

/** Reads the target, so publish asks again when the target has moved since. @throws `NotUnique` */
export async function checkUniqueInTarget(tx: Session, target: OpenTarget, stage: MarkedStage): Promise<void> {
  // A table that was not there when the load was opened may hold another's rows by now.
  if (target.mode === 'replace') return;
  for (const name of uniqueColumns(target)) {
    const column = ident(name);
    const { key } = target.contract;
    const other = key && target.mode !== 'append' ? ` AND NOT (${sameKey(key, 't', 's')})` : '';
    const type = target.mode === 'replace-partition' ? typeOf(target, target.contract.partition!.column) : '';
    const stays = type
      ? ` AND NOT ${insideRanges(`t.${ident(target.contract.partition!.column)}`, type, target.partitions ?? [])}`
      : '';
    const sql = `SELECT count(*) AS n FROM (SELECT * FROM ${stage.stage}${whereGood(stage)}) s
                 JOIN ${relation(target.target)} t ON t.${column} = s.${column}${other}${stays}`;
    const [found] = await tx.rows<{ n: string }>('audit:unique-target', sql);
    if (Number(found?.n) > 0)
      throw loadFailure('NotUnique', {
        object: `${target.target}.${name}`,
        got: `${found?.n} values that other rows of the table have`,
      });
  }
}
