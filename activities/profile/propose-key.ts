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
  /** How many different keys the sample has. */
  readonly keys: number;
  readonly why: string;
}

const unfitting = /^(json|boolean|bytes|real|double|decimal\(\d+,[1-9])/;
const moments = /^(date|timestamp|timestamptz)$/;
/** Names of what repeats sooner or later, however a sample looks. */
const describing = /(^|_)((first|last|given|family|vor|nach)_?name|description|comment|notes?|address|title|text)(_|$)/;
/** A count of different values that is not exact may be this much too low. */
const tolerance = 0.8;
const mostCandidates = 8;

/**
 * Proposes the columns that identify a row: one, else two, that are never NULL and together never repeat; or one that
 * is called like it and repeats only in older versions of a row.
 */
export async function proposeKey(sample: Sample, columns: readonly KnownColumn[], table: string): Promise<ProposedKey> {
  const { rows } = sample;
  if (rows === 0) return { key: null, keys: 0, why: 'no rows to look at' };
  const ranked = columns
    .filter(({ type, facts }) => facts.nulls === 0 && !unfitting.test(type))
    .map((column, place) => ({ column, place, rank: rankOf(column, table) }))
    .filter(({ rank }) => rank < unlikely)
    .sort((a, b) => a.rank - b.rank || a.place - b.place);
  const all = ranked.map(({ column }) => column);
  const named = ranked.filter(({ rank }) => rank < byValues).map(({ column }) => column);
  return (
    (await proposeSingle(sample, named, 'never NULL, never twice')) ??
    (await proposePair(sample, named)) ??
    (await proposeVersioned(sample, named, columns)) ??
    (await proposeSingle(sample, all, 'never NULL, never twice; by the values alone, so check')) ??
    (await proposePair(sample, all)) ?? { key: null, keys: rows, why: noKey }
  );
}

const noKey = 'no column and no pair of columns is always there and never repeats: rows can be appended, not merged';

async function proposeSingle(
  sample: Sample,
  ranked: readonly KnownColumn[],
  why: string,
): Promise<ProposedKey | undefined> {
  for (const { name, ref, facts } of ranked) {
    if (facts.distinct < sample.rows * tolerance || !(await isUnique(sample, [ref]))) continue;
    return { key: [name], keys: sample.rows, why };
  }
  return undefined;
}

/** Rows that come again when they change: the time of the change tells them apart. Mostly they come once. */
async function proposeVersioned(
  sample: Sample,
  named: readonly KnownColumn[],
  columns: readonly KnownColumn[],
): Promise<ProposedKey | undefined> {
  for (const { name, ref, facts } of named) {
    const newest = columns.find((column) => column.name === proposeNewest(columns, [name]));
    if (!newest || facts.distinct < (sample.rows / 2) * tolerance) continue;
    const keys = await countDifferent(sample, [ref]);
    if (keys < sample.rows / 2 || !(await isUnique(sample, [ref, newest.ref]))) continue;
    const why = `never NULL, and where it repeats ${newest.name} tells which row is the newest: that one is loaded, so check`;
    return { key: [name], keys, why };
  }
  return undefined;
}

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

async function proposePair(sample: Sample, ranked: readonly KnownColumn[]): Promise<ProposedKey | undefined> {
  const most = [...ranked].sort((a, b) => b.facts.distinct - a.facts.distinct).slice(0, mostCandidates);
  const candidates = ranked.filter((column) => most.includes(column));
  for (const [index, first] of candidates.entries()) {
    for (const second of candidates.slice(index + 1)) {
      if (first.facts.distinct * second.facts.distinct < sample.rows * tolerance) continue;
      if (!(await isUnique(sample, [first.ref, second.ref]))) continue;
      const why = 'together never NULL, never twice; by the values alone, so check';
      return { key: [first.name, second.name], keys: sample.rows, why };
    }
  }
  return undefined;
}

const isUnique = async (sample: Sample, refs: readonly string[]): Promise<boolean> =>
  (await countDifferent(sample, refs)) === sample.rows;

async function countDifferent({ duck }: Sample, refs: readonly string[]): Promise<number> {
  const found = await duck.connection.runAndReadAll(
    `SELECT count(*)::DOUBLE FROM (SELECT DISTINCT ${refs.join(', ')} FROM sample)`,
  );
  return Number(found.getRows()[0]?.[0]);
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
