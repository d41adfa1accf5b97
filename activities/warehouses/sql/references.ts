import { checksOf, type CheckOf } from '../../../workflows/checks';
import { loadFailure } from '../../../workflows/load-error';
import type { TableContract } from '../../../workflows/table-contract';
import type { Relations } from './check-sql';
import type { Engine } from './engine';

const referencesOf = (contract: TableContract): CheckOf<'references'>[] =>
  checksOf(contract).filter((c) => c.kind === 'references');

/** The catalogue identities of the tables that a contract refers to, as it writes them. @throws `InvalidCheck` */
export async function referredTables(
  { backend }: Pick<Engine, 'backend'>,
  contract: TableContract,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { id, table } of referencesOf(contract)) {
    const known = await backend.findTable(table);
    if (known === null)
      throw loadFailure('InvalidCheck', {
        object: `${contract.name} ${id}`,
        expected: `a table ${table.slice(table.indexOf('/') + 1)}`,
        got: 'no such table',
        remedy: 'Correct the name, or create the table.',
      });
    found.set(table, known.target);
  }
  return found;
}

/** Quoted names of tables, for SQL. */
export const relationsOf = ({ dialect }: Pick<Engine, 'dialect'>, tables: ReadonlyMap<string, string>): Relations =>
  new Map([...tables].map(([table, target]) => [table, dialect.relation(target)]));

/** How often tables have been published to; those that Loadline does not publish to are left out. */
export async function versionsOf(
  { locks }: Pick<Engine, 'locks'>,
  targets: Iterable<string>,
): Promise<Record<string, number>> {
  const versions: Record<string, number> = {};
  for (const target of targets) {
    const found = await locks.look(target);
    if (found) versions[target] = found.version;
  }
  return versions;
}
