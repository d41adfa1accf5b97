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

  /** Makes locks that are missing, and the row of those that have lost it. */
  async make(objects: readonly string[]): Promise<void> {
    for (const object of objects) {
      // Looked for first: who may only take a lock, and not make one, is refused to make one that is there.
      if (await this.look(object)) continue;
      await this.backend.run('lock', this.table(object).create);
      if (await this.look(object)) continue;
      const { ident } = this.backend.dialect;
      // Never a number that the lost row may have had. Two such rows are as good as one.
      await this.backend.run(
        'lock',
        sql`INSERT INTO ${raw(this.#table(object))} (${raw(['object', 'taken', 'version'].map(ident).join(', '))})
            SELECT ${raw(`'${lockName(object)}'`)}, ${raw(String(Date.now()))}, 0`,
      );
    }
  }

  /** A lock that a load has made. @throws `LockRowMissing` */
  async find(object: string): Promise<FoundLock> {
    const found = await this.look(object);
    if (found) return found;
    throw loadFailure('LockRowMissing', { object });
  }

  /** A lock; `null` where nobody has ever taken it. */
  async look(object: string): Promise<FoundLock | null> {
    const { ident } = this.backend.dialect;
    const rows = await this.backend
      .rows<{ taken: unknown; version: unknown }>(
        'lock',
        sql`SELECT MAX(${raw(ident('taken'))}) AS ${raw(ident('taken'))}, MAX(${raw(ident('version'))}) AS ${raw(ident('version'))}
            FROM ${raw(this.#table(object))}`,
      )
      .catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
    const [row] = rows;
    if (row === undefined || row.taken === null) return null;
    return { object, taken: Number(row.taken), version: Number(row.version) };
  }

  /** Takes locks in the order that everybody does: targets by name, then the key. */
  take(locks: readonly FoundLock[], published: readonly string[] = []): Pick<Unit, 'locks'> {
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

  /** The table of a lock, quoted, and what makes it where it is missing: in one statement, so that there is no table without its row. */
  table(object: string): { readonly name: string; readonly plain: string; readonly create: Sql } {
    const { ident, own } = this.backend.dialect;
    const name = this.#table(object);
    const create = sql`CREATE TABLE IF NOT EXISTS ${raw(name)} AS SELECT CAST(${raw(`'${lockName(object)}'`)} AS ${raw(own.text)}) AS ${raw(ident('object'))},
          CAST(0 AS ${raw(own.integer)}) AS ${raw(ident('taken'))}, CAST(0 AS ${raw(own.integer)}) AS ${raw(ident('version'))}`;
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

const rank = ({ object }: FoundLock): number => (object.startsWith('key ') ? 1 : 0);
