import type { RepairedRow } from '../quarantine';
import { maskedKey, nameOfRows, refuseMasked, rowDecided, strangeRow } from '../quarantine-policy';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { originOf, type QuarantineOrigin } from './quarantine-retry';
import { ownKeys, rowsWithState } from './quarantine-sql';

/** See `QuarantineDesk.submit`. One transaction, so that a load takes all of them or none. */
export async function submitRepaired(
  tx: Session,
  names: LedgerNames,
  loadKeyOrId: string,
  table: string | undefined,
  rows: readonly RepairedRow[],
): Promise<{ loadId: string; table: string; repair: string }> {
  const origin = await originOf(tx, names, loadKeyOrId, table);
  const repair = nameOfRows(rows.map((r) => `${r.id} ${r.json}`));
  const { loadId, target } = origin;
  await checkSubmitted(tx, names, origin, repair, rows);
  for (let at = 0; at < rows.length; at += 1_000) {
    const some = rows.slice(at, at + 1_000);
    await tx.run(
      'quarantine:submit',
      `INSERT INTO ${names.quarantineRepairs} (load_id, target, repair, row_id, row)
       SELECT $1, $2, $3, r.id, ${ownKeys('r.json::jsonb')} FROM unnest($4::text[], $5::text[]) r(id, json) ON CONFLICT DO NOTHING`,
      [loadId, target, repair, some.map((r) => r.id), some.map((r) => r.json)],
    );
  }
  await refuseMaskedValues(tx, names, origin, repair);
  return { loadId, table: target, repair };
}

/** Every row is one of the load's, and open; or all of them were brought by just this repair. */
async function checkSubmitted(
  tx: Session,
  names: LedgerNames,
  origin: QuarantineOrigin,
  repair: string,
  rows: readonly RepairedRow[],
): Promise<void> {
  const found = await tx.rows<{ id: string; state: string; repair: string | null }>(
    'quarantine:submitted',
    `SELECT r.id, r.state, r.repair FROM (${rowsWithState(names)}) r WHERE r.id = ANY($3)`,
    [origin.loadId, origin.target, rows.map((r) => r.id)],
  );
  const states = new Map(found.map((r) => [r.id, r]));
  const strange = rows.find((r) => !states.has(r.id));
  if (strange) throw strangeRow(origin, strange.id);
  const decided = found.find((r) => r.state !== 'open' && r.repair !== repair);
  if (decided) throw rowDecided(origin, `row ${decided.id}, which is ${decided.state}`);
}

/** Neither the value that was masked nor another in its place: the ledger holds none of such a column. */
async function refuseMaskedValues(
  tx: Session,
  names: LedgerNames,
  origin: QuarantineOrigin,
  repair: string,
): Promise<void> {
  const [found] = await tx.rows<{ n: number }>(
    'quarantine:masked',
    `SELECT count(*)::float8 AS n FROM (${rowsWithState(names)}) r
     JOIN ${names.quarantineRepairs} p ON p.load_id = r.load_id AND p.target = r.target AND p.row_id = r.id AND p.repair = $3
     WHERE EXISTS (SELECT 1 FROM jsonb_array_elements_text(coalesce(r.row -> '${maskedKey}', '[]')) m(name)
       WHERE r.row -> m.name <> 'null' OR coalesce(p.row -> m.name, 'null') <> 'null')`,
    [origin.loadId, origin.target, repair],
  );
  if (found!.n > 0) throw refuseMasked(origin, found!.n);
}
