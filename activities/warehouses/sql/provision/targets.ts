import { parseTableName } from '../../../contracts';
import type { WantedProvision } from '../../provision';
import { onlyOnce, tablesOf } from '../../provisioning/targets';
import type { SqlBackend } from '../port';

/** A table that a contract writes, or that its checks read, as far as the catalogue tells. */
export interface NamedTarget {
  readonly contract: WantedProvision['tables'][number]['contract'];
  readonly appends: boolean;
  readonly target: string;
  readonly schema: string;
  readonly readOnly: boolean;
  /** `null`: there is none. */
  readonly kind: 'table' | 'other' | null;
}

/** The tables that the plan is about, each once. */
export async function namedTargets(
  backend: Pick<SqlBackend, 'findTable' | 'identityOf'>,
  { tables }: WantedProvision,
): Promise<NamedTarget[]> {
  const found: NamedTarget[] = [];
  for (const { contract, appends } of tables)
    for (const { table, readOnly } of tablesOf(contract)) {
      if (parseTableName(table) === null) continue;
      const there = await backend.findTable(table);
      const target = there?.target ?? (await backend.identityOf(table));
      const schema = decodeURIComponent(target.split('.')[1]!);
      found.push({ contract, appends, target, schema, readOnly, kind: there?.kind ?? null });
    }
  return onlyOnce(found);
}
