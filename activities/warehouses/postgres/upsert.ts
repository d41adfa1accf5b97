import type { OpenTarget } from '../../../workflows/contract';
import type { Session } from './client';
import { insertSql, isChanged, valuesOf, type Counts, type WriteInput } from './dml';
import { columnList, ident, relation } from './sql';

/** What the unique indexes of a table say of a load's key. */
export interface KeyIndexes {
  /** No two rows have one key. */
  readonly unique: boolean;
  /** `ON CONFLICT` can go by the key. */
  readonly arbiter: boolean;
}

export async function keyIndexes(tx: Session, { target, contract }: OpenTarget): Promise<KeyIndexes> {
  const [found] = await tx.rows<{ unique: boolean; arbiter: boolean }>(
    'publish:key-index',
    // A partitioned table tells nothing of how a row was written.
    `SELECT coalesce(bool_or(columns <@ $2), false) AS "unique",
            coalesce(bool_or(columns <@ $2 AND columns @> $2 AND indimmediate AND relkind = 'r'), false)
              AND NOT EXISTS (${numberedSql}) AS arbiter
     FROM (SELECT i.indimmediate, c.relkind, (SELECT array_agg(a.attname::text) FROM pg_attribute a
             WHERE a.attrelid = indrelid AND a.attnum = ANY(indkey[0:indnkeyatts - 1])) AS columns
           FROM pg_index i JOIN pg_class c ON c.oid = indrelid
           WHERE indrelid = $1::regclass AND indisunique AND indisvalid AND indpred IS NULL AND indexprs IS NULL) i`,
    [relation(target), contract.key ?? [], Object.keys(contract.columns)],
  );
  return found!;
}

/** Columns that a sequence fills in. Each row of a batch would take a number, those that change a known row as well. */
const numberedSql = `
  SELECT 1 FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL($3::text[])
    AND (a.attidentity <> '' OR EXISTS (SELECT 1 FROM pg_depend p JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
         WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass))`;

/**
 * Adds rows with an unknown key and changes those of a known one, in one pass through the index of the key: two thirds
 * of the time of an update and an insert where most rows are to be written. A known row that stays as it is gets locked,
 * which is a write too. `null` where there is nothing but the key.
 */
export function upsertSql(input: Pick<WriteInput, 'open' | 'target' | 'stage'>): string | null {
  const { target } = input;
  const changed = isChanged(target, 'excluded');
  if (!changed) return null;
  const set = valuesOf(target).map((v) => `${ident(v)} = excluded.${ident(v)}`);
  // What was there before has been locked by this very statement; a new row nobody has.
  return `WITH written AS (
            ${insertSql(input, '', 't')}
            ON CONFLICT (${columnList(target.contract.key ?? [])}) DO UPDATE SET ${set.join(', ')} WHERE ${changed}
            RETURNING t.xmax = 0 AS inserted)
          SELECT count(*) FILTER (WHERE inserted) AS inserted, count(*) FILTER (WHERE NOT inserted) AS updated FROM written`;
}

export async function upsertRows(tx: Session, sql: string): Promise<Pick<Counts, 'inserted' | 'updated'>> {
  const [found] = await tx.rows<{ inserted: string; updated: string }>('publish:insert', sql);
  return { inserted: Number(found!.inserted), updated: Number(found!.updated) };
}

/** What a person should know of how a merge is written. */
export function mergeHints({ contract }: Pick<OpenTarget, 'contract'>, { unique, arbiter }: KeyIndexes): string[] {
  const key = columnList(contract.key ?? []);
  if (arbiter) return ['Where most rows are new or changed, one INSERT … ON CONFLICT takes the place of the two.'];
  if (unique) return [];
  return [`No unique index on ${key}: each load looks for keys that the table holds twice, and compares whole tables.`];
}
