import type { ColumnFacts } from './column-facts';
import type { Sample } from './sample';

/** A column as {@link proposeKey} and {@link proposeNewest} see it. */
export interface KnownColumn {
  /** In the contract. */
  readonly name: string;
  /** In the table `sample`. */
  readonly ref: string;
  readonly type: string;
  readonly facts: ColumnFacts;
}

/** What identifies a row, and why. */
export interface ProposedKey {
  readonly key: readonly string[] | null;
  readonly why: string;
}

const unfitting = /^(json|boolean|bytes|real|double|decimal\(\d+,[1-9])/;
const moments = /^(date|timestamp|timestamptz)$/;
/** Names of what repeats sooner or later, however a sample looks. */
const describing = /(^|_)((first|last|given|family|vor|nach)_?name|description|comment|notes?|address|title|text)(_|$)/;
/** A count of different values that is not exact may be this much too low. */
const tolerance = 0.8;
const mostCandidates = 8;

/** Proposes the columns that identify a row: one, else two, that are never NULL and together never repeat. */
export async function proposeKey(sample: Sample, columns: readonly KnownColumn[], table: string): Promise<ProposedKey> {
  if (sample.rows === 0) return { key: null, why: 'no rows to look at' };
  const ranked = columns
    .filter(({ type, facts }) => facts.nulls === 0 && !unfitting.test(type))
    .map((column, place) => ({ column, place, rank: rankOf(column, table) }))
    .filter(({ rank }) => rank < unlikely)
    .sort((a, b) => a.rank - b.rank || a.place - b.place);
  for (const { column, rank } of ranked) {
    if (column.facts.distinct < sample.rows * tolerance) continue;
    if (await isUnique(sample, [column.ref])) {
      const named =
        rank < byValues ? 'never NULL, never twice' : 'never NULL, never twice; by the values alone, so check';
      return { key: [column.name], why: named };
    }
  }
  return (
    (await proposePair(
      sample,
      ranked.map(({ column }) => column),
    )) ?? noKey
  );
}

const noKey: ProposedKey = {
  key: null,
  why: 'no column and no pair of columns is always there and never repeats: rows can be appended, not merged',
};

const byValues = 4;
const unlikely = 5;

/** What a column's name says: the smaller, the likelier it identifies a row. */
function rankOf({ name, type }: KnownColumn, table: string): number {
  const singular = table.replace(/s$/, '');
  if (/^(id|uuid|guid|key)$/.test(name)) return 0;
  if ([`${table}_id`, `${singular}_id`, `${singular}_uuid`, `${singular}_no`, `${singular}_number`].includes(name))
    return 1;
  if (/(^|_)(id|uuid|guid|key)$/.test(name)) return 2;
  if (/(^|_)(no|nr|num|number|nummer|code|sku|isbn|ean)$/.test(name) || type === 'uuid') return 3;
  // A series has one row a day; that counts and amounts do not repeat is chance.
  if (moments.test(type) || /(^|_)(year|month|week|jahr|monat)$/.test(name)) return byValues;
  return type === 'text' && !describing.test(name) ? byValues : unlikely;
}

async function proposePair(sample: Sample, ranked: readonly KnownColumn[]): Promise<ProposedKey | null> {
  const most = [...ranked].sort((a, b) => b.facts.distinct - a.facts.distinct).slice(0, mostCandidates);
  const candidates = ranked.filter((column) => most.includes(column));
  for (const [index, first] of candidates.entries()) {
    for (const second of candidates.slice(index + 1)) {
      if (first.facts.distinct * second.facts.distinct < sample.rows * tolerance) continue;
      if (!(await isUnique(sample, [first.ref, second.ref]))) continue;
      return { key: [first.name, second.name], why: 'together never NULL, never twice; by the values alone, so check' };
    }
  }
  return null;
}

async function isUnique({ duck, rows }: Sample, refs: readonly string[]): Promise<boolean> {
  const found = await duck.connection.runAndReadAll(
    `SELECT count(*)::DOUBLE FROM (SELECT DISTINCT ${refs.join(', ')} FROM sample)`,
  );
  return Number(found.getRows()[0]?.[0]) === rows;
}

const newestName = /(^|_)(updated|modified|changed|last|lastmod|geaendert|aktualisiert|version|revision)(_|$)/;

/** Proposes the column that tells which of two rows with one key is the newer. */
export function proposeNewest(columns: readonly KnownColumn[], key: readonly string[] | null): string | null {
  if (key === null) return null;
  const grows = /^(timestamptz|timestamp|date|bigint|integer)$/;
  const found = columns.filter(
    ({ name, type, facts }) => newestName.test(name) && grows.test(type) && facts.nulls === 0 && !key.includes(name),
  );
  return found[0]?.name ?? null;
}
