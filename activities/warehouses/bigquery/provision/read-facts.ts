import type { WantedProvision } from '../../provision';
import { foundVersion, ledgerTables, type LedgerNames } from '../../sql/ledger-schema';
import { Locks } from '../../sql/locks';
import type { SqlBackend } from '../../sql/port';
import { namedTargets } from '../../sql/provision/targets';
import type { BigQueryClient } from '../client';
import { bigQueryFailure } from '../errors';
import { grantsOf } from './access';
import type { Facts, FoundDataset, FoundTarget } from './facts';

/** Reads what is there. @throws `LedgerTooNew`, `PermissionDenied` */
export async function readFacts(client: BigQueryClient, backend: SqlBackend, wanted: WantedProvision): Promise<Facts> {
  const { ledgerDataset, stageDataset } = client.config;
  const named = await namedTargets(backend, wanted);
  const datasets = new Map<string, FoundDataset>();
  for (const name of new Set([ledgerDataset, stageDataset, ...named.map(({ schema }) => schema)])) {
    const found = await readDataset(client, name);
    if (found) datasets.set(name, found);
  }
  const isThere = async (table: string): Promise<true | null> =>
    datasets.has(ledgerDataset) && (await client.getTable(ledgerDataset, table)) ? true : null;
  const ledger = new Map<keyof LedgerNames, true>();
  for (const table of ledgerTables) if (await isThere(table)) ledger.set(table, true);
  const locks = new Locks(backend);
  const targets: FoundTarget[] = [];
  for (const one of named) {
    const inSchema = datasets.get(one.schema) ?? null;
    const lock = one.readOnly ? null : await isThere(locks.table(one.target).plain);
    // Rights are those of its dataset.
    targets.push({ ...one, inSchema, found: one.kind && { owner: '', grants: [] }, lock });
  }
  return { datasets, ledger, targets, ledgerVersion: ledger.has('meta') ? await foundVersion(backend) : 0 };
}

/** A dataset as it is now; `null`: there is none. */
export async function readDataset(client: BigQueryClient, name: string): Promise<FoundDataset | null> {
  const resource = await client.getDataset(name).catch((error: unknown) => {
    throw bigQueryFailure(error, { object: `dataset ${name}` });
  });
  return resource && { owner: '', grants: grantsOf(resource.access ?? []), resource };
}
