import type { SignedBy } from '../warehouse';
import type { QuarantineDesk } from '../quarantine';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import type { LedgerAccess } from './ledger-access';
import { ledgerNames, type LedgerNames } from './ledger-schema';
import { lockTargets } from './publish';
import { listQuarantined } from './quarantine-list';
import { originOf, retryableRows } from './quarantine-retry';
import { eachPage, exportSql, quarantiningLoad, showQuarantined, tablesOf, targetOf } from './quarantine-rows';
import { rowsWithState } from './quarantine-sql';
import { submitRepaired } from './quarantine-submit';
import { readingBounds, takeRows } from './quarantine-take';

/** The desk of a PostgreSQL warehouse. */
export function openDesk(client: PostgresClient, config: ResolvedPostgresConfig, ledger: LedgerAccess): QuarantineDesk {
  const names = ledgerNames(config);
  const bounds = boundsOf(config, config.publishTimeoutMs);
  return {
    list: (filter) => ledger.ifReady([], () => client.session((s) => listQuarantined(s, names, filter))),
    show: (load, selection = {}) =>
      ledger.known(load, () => client.session((s) => showQuarantined(s, names, load, selection))),
    export: (load, table, write) =>
      ledger.known(load, () =>
        client.transaction(readingBounds(config), undefined, async (tx) => ({
          value: await exportRows(tx, names, load, table, write),
          commit: false,
        })),
      ),
    submit: (load, table, rows) =>
      ledger.known(load, () =>
        client.transaction(bounds, undefined, async (tx) => ({
          value: await submitRepaired(tx, names, load, table, rows),
          commit: true,
        })),
      ),
    retryable: (load, table, repair) =>
      ledger.known(load, () => client.session((s) => retryableRows(s, names, load, table, repair))),
    take: (rows, contract, columns, signal) => takeRows(client, config, rows, contract, columns, signal),
    discard: (load, table, by) =>
      ledger.known(load, () =>
        client.transaction(bounds, undefined, async (tx) => ({
          value: await discardRows(tx, names, load, table, by),
          commit: true,
        })),
      ),
  };
}

async function exportRows(
  tx: Session,
  names: LedgerNames,
  loadKeyOrId: string,
  table: string | undefined,
  write: (lines: readonly string[]) => Promise<void>,
): Promise<{ rows: number; masked: number }> {
  const { loadId, target } = await originOf(tx, names, loadKeyOrId, table);
  let rows = 0;
  let masked = 0;
  await eachPage<{ line: string | null }>(tx, exportSql(names), [loadId, target], async (page) => {
    const lines = page.flatMap(({ line }) => (line === null ? [] : [line]));
    rows += lines.length;
    masked += page.length - lines.length;
    if (lines.length) await write(lines);
  });
  return { rows, masked };
}

/** Under the locks of the tables, so that no load is bringing the rows. */
async function discardRows(
  tx: Session,
  names: LedgerNames,
  loadKeyOrId: string,
  table: string | undefined,
  { by, reason }: SignedBy,
): Promise<{ loadId: string; rows: number }> {
  const load = await quarantiningLoad(tx, names, loadKeyOrId);
  const target = await targetOf(tx, names, load, table);
  const targets = target === undefined ? await tablesOf(tx, names, load.loadId) : [target];
  if (targets.length) await lockTargets(tx, names, targets);
  const [done] = await tx.rows<{ rows: number }>(
    'quarantine:discard',
    `WITH decided AS (
       INSERT INTO ${names.quarantineDecisions} (load_id, target, decision, row_ids, by, reason)
       SELECT r.load_id, r.target, 'discarded', array_agg(r.id ORDER BY r.id), $3, $4
       FROM (${rowsWithState(names)}) r WHERE r.state = 'open' GROUP BY 1, 2 RETURNING row_ids)
     SELECT coalesce(sum(cardinality(row_ids)), 0)::float8 AS rows FROM decided`,
    [load.loadId, target ?? null, by, reason],
  );
  await tx.run('quarantine:forget', `DELETE FROM ${names.quarantineRepairs} WHERE load_id = $1 AND target = ANY($2)`, [
    load.loadId,
    targets,
  ]);
  return { loadId: load.loadId, rows: done!.rows };
}
