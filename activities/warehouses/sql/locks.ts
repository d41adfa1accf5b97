import { isMissing, shortHash } from './ledger-schema';
import type { Guard, Sql, SqlBackend, Unit } from './port';
import { raw, sql } from './port';
import { loadFailure } from '../../../workflows/load-error';

/** A lock as it was found. */
export interface FoundLock {
  readonly object: string;
  /** How often it has been taken by units that happened. */
  readonly taken: number;
  /** How often what it stands for has been published to. */
  readonly version: number;
}

/** So many keys may wait for each other's publish, by chance: a table for each key would be too many tables. */
const keyLocks = 256;

/** What a load key is locked by. */
export const keyLock = (loadKey: string): string => `key ${parseInt(shortHash(loadKey).slice(0, 8), 16) % keyLocks}`;

/**
 * Locks of targets and of load keys. A lock is a table of one row: where a warehouse locks what is updated, it is the whole
 * table, so that rows of one would lock each other. The catalogue is what keeps two of them from being made.
 */
export class Locks {
  constructor(private readonly backend: Pick<SqlBackend, 'dialect' | 'ledgerSchema' | 'rows' | 'run'>) {}

  /** Makes locks that are missing, and the row of those that have lost it. Who may only take a lock is not refused where it is there. */
  async make(objects: readonly string[]): Promise<void> {
    await Promise.all(objects.map((object) => this.#make(object)));
  }

  /** Locks that a load has made, as they are at one moment. @throws `LockRowMissing` */
  async find(objects: readonly string[]): Promise<FoundLock[]> {
    const found = await this.#read(objects).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      // Which of them it is.
      return Promise.all(objects.map((object) => this.look(object)));
    });
    return found.map((lock, i) => {
      if (lock) return lock;
      throw loadFailure('LockRowMissing', { object: objects[i]! });
    });
  }

  /** A lock; `null` where nobody has ever taken it. */
  async look(object: string): Promise<FoundLock | null> {
    return (await this.#lookAt(object)) ?? null;
  }

  /** Takes locks in the order that everybody does: targets by name, then the key. */
  take(locks: readonly Pick<FoundLock, 'object'>[], published: readonly string[] = []): Pick<Unit, 'locks'> {
    const { ident } = this.backend.dialect;
    const inOrder = [...locks].sort((a, b) => rank(a) - rank(b) || (a.object < b.object ? -1 : 1));
    return {
      locks: inOrder.map(({ object }) => {
        const version = published.includes(object) ? `, ${ident('version')} = ${ident('version')} + 1` : '';
        const set = `${ident('taken')} = ${ident('taken')} + 1${version}`;
        return {
          object,
          sql: sql`UPDATE ${raw(this.#table(object))} SET ${raw(set)} WHERE ${raw(`${ident('object')} = '${lockName(object)}'`)}`,
        };
      }),
    };
  }

  /** Holds while no unit has taken the lock since it was found, save the one that asks. */
  unmoved({ object, taken }: FoundLock, code: string): Guard {
    const { ident } = this.backend.dialect;
    return {
      code,
      holds: sql`SELECT MAX(${raw(ident('taken'))}) = ${raw(String(taken + 1))} AS ${raw(ident('holds'))} FROM ${raw(this.#table(object))}`,
    };
  }

  async #make(object: string): Promise<void> {
    const found = await this.#lookAt(object);
    if (found) return;
    const { ident } = this.backend.dialect;
    if (found === undefined) await this.backend.run('lock', this.table(object).create);
    // Never a number that the lost row may have had. Two such rows are as good as one.
    else
      await this.backend.run(
        'lock',
        sql`INSERT INTO ${raw(this.#table(object))} (${raw(['object', 'taken', 'version'].map(ident).join(', '))}) ${this.#row(object, Date.now())}`,
      );
  }

  #row(object: string, taken: number): Sql {
    const { ident, own } = this.backend.dialect;
    return sql`SELECT CAST(${raw(`'${lockName(object)}'`)} AS ${raw(own.text)}) AS ${raw(ident('object'))},
          CAST(${raw(String(taken))} AS ${raw(own.integer)}) AS ${raw(ident('taken'))}, CAST(0 AS ${raw(own.integer)}) AS ${raw(ident('version'))}`;
  }

  /** A lock; `null`: its row is lost; `undefined`: there is none. */
  async #lookAt(object: string): Promise<FoundLock | null | undefined> {
    const found = await this.#read([object]).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return found[0];
  }

  /** Tables of locks, in one query. */
  async #read(objects: readonly string[]): Promise<(FoundLock | null)[]> {
    const { ident } = this.backend.dialect;
    const newest = (column: string): string => `MAX(${ident(column)}) AS ${ident(column)}`;
    const each = objects.map(
      (object, i) =>
        `SELECT ${i} AS ${ident('n')}, ${newest('taken')}, ${newest('version')} FROM ${this.#table(object)}`,
    );
    const rows = await this.backend.rows<{ n: unknown; taken: unknown; version: unknown }>(
      'lock',
      sql`${raw(each.join(' UNION ALL '))}`,
    );
    return objects.map((object, i) => {
      const row = rows.find(({ n }) => Number(n) === i);
      if (row === undefined || row.taken === null) return null;
      return { object, taken: Number(row.taken), version: Number(row.version) };
    });
  }

  /** The table of a lock, quoted, and what makes it where it is missing: in one statement, so that there is no table without its row. */
  table(object: string): { readonly name: string; readonly plain: string; readonly create: Sql } {
    const name = this.#table(object);
    const create = sql`CREATE TABLE IF NOT EXISTS ${raw(name)} AS ${this.#row(object, 0)}`;
    return { name, plain: lockName(object), create };
  }

  #table(object: string): string {
    const { dialect, ledgerSchema } = this.backend;
    return `${ledgerSchema}.${dialect.ident(lockName(object))}`;
  }
}

/** Letters, digits and `_` only, so that it can be written down wherever no value can be bound, as in a CREATE. */
const lockName = (object: string): string =>
  object.startsWith('key ') ? `lock_key_${object.slice(4)}` : `lock_${shortHash(object)}`;

const rank = ({ object }: Pick<FoundLock, 'object'>): number => (object.startsWith('key ') ? 1 : 0);
