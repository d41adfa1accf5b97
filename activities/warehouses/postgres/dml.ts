import type { AuditedStage, OpenLoad, OpenTarget, TableReceipt } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import { typeOf } from './stage-columns';
import type { LedgerNames } from './ledger-schema';
import { columnList, ident, literal, relation, sameKey, whereGood, type MarkedStage } from './sql';
import { comparable } from './types';

/** What the DML of one table needs. */
export interface WriteInput {
  readonly open: OpenLoad;
  readonly target: OpenTarget;
  readonly stage: AuditedStage;
  /** Load ids of the generations that this one takes the place of. */
  readonly superseded: readonly string[];
  readonly names: Pick<LedgerNames, 'kept'>;
}

/** The counts of a receipt that the DML decides. */
export type Counts = Pick<TableReceipt, 'duplicates' | 'inserted' | 'updated' | 'unchanged' | 'stale' | 'removed'>;

/** The statements of a mode, for `publish` and for `loadline plan`. */
export function insertSql(
  { open, target, stage }: Pick<WriteInput, 'open' | 'target'> & { readonly stage: MarkedStage },
  where = '',
  alias = '',
): string {
  const names = Object.keys(target.contract.columns);
  const tag =
    target.mode === 'append' && (target.columns ?? [{ name: loadIdColumn }]).some((c) => c.name === loadIdColumn);
  const into = columnList(tag ? [...names, loadIdColumn] : names);
  const values = `${columnList(names, 's')}${tag ? `, ${literal(open.loadId)}` : ''}`;
  // In key order: the index of a random key is then filled from left to right.
  const order = target.contract.key?.length ? ` ORDER BY ${columnList(target.contract.key, 's')}` : '';
  return `INSERT INTO ${relation(target.target)}${alias && ` AS ${alias}`} (${into}) SELECT ${values} FROM ${stage.stage} s${whereGood(stage, where)}${order}`;
}

/** A statement that changes rows, and what to count to know how many. */
export interface ChangeSql {
  readonly target: string;
  readonly from: string;
  readonly sql: string;
}

/** Changes rows whose key is known, whose values differ, and which are not older than the table's own. */
export function updateSql({ target, stage }: { target: OpenTarget; stage: MarkedStage }): ChangeSql | null {
  const changed = isChanged(target);
  if (!changed) return null;
  const set = valuesOf(target).map((v) => `${ident(v)} = s.${ident(v)}`);
  const table = `${relation(target.target)} t`;
  const from = `(SELECT * FROM ${stage.stage}${whereGood(stage)}) s
          WHERE ${sameKey(target.contract.key ?? [], 't', 's')} AND ${changed}`;
  return { target: table, from, sql: `UPDATE ${table} SET ${set.join(', ')} FROM ${from}` };
}

/** The columns beside the key. */
export const valuesOf = ({ contract }: OpenTarget): string[] =>
  Object.keys(contract.columns).filter((name) => !contract.key?.includes(name));

/** True for a row, of the stage, that changes the row `t` of its key; `null` where there is nothing but the key. */
export function isChanged(target: OpenTarget, row = 's'): string | null {
  const { newest } = target.contract;
  const side = (alias: string): string =>
    valuesOf(target)
      .map((v) => comparable(`${alias}.${ident(v)}`, typeOf(target, v)))
      .join(', ');
  if (!valuesOf(target).length) return null;
  return [`(${side('t')}) IS DISTINCT FROM (${side(row)})`, newest ? notOlder(newest, row) : '']
    .filter(Boolean)
    .join(' AND ');
}

const notOlder = (newest: string, row: string): string =>
  `(t.${ident(newest)} IS NULL OR ${row}.${ident(newest)} >= t.${ident(newest)})`;

/** True for a row of the stage that lost against a newer one of the table. */
const isStale = (newest: string): string =>
  `t.${ident(newest)} IS NOT NULL AND (s.${ident(newest)} IS NULL OR s.${ident(newest)} < t.${ident(newest)})`;

/**
 * What a merge of the stage, or of its first rows, would find. It only reads, so that the server may use several
 * processes for it, which it does for no statement that writes.
 */
export function surveySql({ target, stage }: WriteInput, limit?: number): string {
  const { key = [], newest } = target.contract;
  const rows = `SELECT * FROM ${stage.stage}${whereGood(stage)}${limit === undefined ? '' : ` LIMIT ${limit}`}`;
  const known = `t.${ident(key[0]!)} IS NOT NULL`;
  return `SELECT count(*) AS rows, count(*) FILTER (WHERE NOT (${known})) AS unknown,
            count(*) FILTER (WHERE ${known} AND ${isChanged(target) ?? 'false'}) AS changed,
            count(*) FILTER (WHERE ${newest ? isStale(newest) : 'false'}) AS stale
          FROM (${rows}) s LEFT JOIN ${relation(target.target)} t ON ${sameKey(key, 't', 's')}`;
}

export function staleSql({ target, stage }: WriteInput): string {
  const { key = [], newest } = target.contract;
  return `SELECT count(*) AS n FROM (SELECT * FROM ${stage.stage}${whereGood(stage)}) s
          JOIN ${relation(target.target)} t ON ${sameKey(key, 't', 's')} WHERE ${isStale(newest!)}`;
}

/** True for rows of the stage whose key the table does not hold. */
export function unknownKey(target: OpenTarget): string {
  return `NOT EXISTS (SELECT 1 FROM ${relation(target.target)} t WHERE ${sameKey(target.contract.key ?? [], 't', 's')})`;
}

/** Rows of a stage that are to arrive. */
export const good = (stage: Pick<AuditedStage, 'audited' | 'quarantined'>): number => stage.audited - stage.quarantined;
