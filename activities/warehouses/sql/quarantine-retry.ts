import type { LoadReceipt, TargetColumn } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import type { RepairedRow, RetryableRows } from '../quarantine';
import {
  nameOfRows,
  notCurrent,
  nothingToRetry,
  onlyTable,
  refuseMasked,
  refuseReplaced,
  rowDecided,
  strangeRow,
  tableNamed,
  unknownColumns,
} from '../quarantine-policy';
import { stageColumns } from './columns';
import { own, type Engine } from './engine';
import { jsonMembers, jsonText, type JsonMember } from './json-members';
import { receiptById } from './ledger';
import { raw, sql } from './port';
import { joined, portions } from './rows';
import {
  decisionsOf,
  isCurrent,
  isMasked,
  keptRows,
  ownMembers,
  quarantiningLoad,
  statedRows,
  tablesOf,
  type KnownLoad,
} from './set-aside';
import { isText } from './values';

/** A load and a table of which it has set rows aside, with how it would have loaded them. */
export type QuarantineOrigin = Omit<RetryableRows, 'repair' | 'repaired' | 'rows'> & { readonly load: KnownLoad };

/** @throws `LoadNotFound`, `NotRetryable`, `InvalidRequest` */
export async function originOf(
  engine: Engine,
  loadKeyOrId: string,
  table: string | undefined,
): Promise<QuarantineOrigin> {
  const load = await quarantiningLoad(engine, loadKeyOrId);
  const tables = await tablesOf(engine, load.loadId);
  const target = table === undefined ? onlyTable(load, tables) : tableNamed(load, tables, table);
  const [known] = await engine.backend.rows<{ contract: string; dedup: string | null }>(
    'quarantine',
    sql`SELECT ${own(engine, 'contract', 'dedup')} FROM ${raw(engine.names.quarantine_origins)}
        WHERE ${own(engine, 'load_id')} = ${load.loadId} AND ${own(engine, 'target')} = ${target} LIMIT 1`,
  );
  const { receipt } = load;
  const { mode } = receipt.tables.find((t) => t.table === target)!;
  if (!(await isCurrent(engine, load))) throw notCurrent(load);
  refuseReplaced(load, mode, target);
  return {
    load,
    loadId: load.loadId,
    pipeline: receipt.pipeline,
    target,
    table: target.split('.').slice(1).join('.'),
    mode,
    contract: known?.contract ?? null,
    ...(receipt.interval && { interval: receipt.interval }),
    ...(known?.dedup && { dedup: JSON.parse(known.dedup) as NonNullable<RetryableRows['dedup']> }),
  };
}

/** See `QuarantineDesk.retryable`. */
export async function retryableRows(
  engine: Engine,
  loadKeyOrId: string,
  table: string | undefined,
  repair: string | undefined,
): Promise<RetryableRows | { readonly receipt: LoadReceipt }> {
  const { load, ...origin } = await originOf(engine, loadKeyOrId, table);
  const ids: string[] = [];
  let masked = 0;
  if (repair === undefined) {
    for await (const row of statedRows(engine, load, origin.target)) {
      if (row.state !== 'open') continue;
      ids.push(row.id);
      if (isMasked(row)) masked++;
    }
  } else ids.push(...(await repairedRows(engine, origin, repair)).map((r) => r.id));
  if (ids.length === 0) {
    const receipt = await broughtBy(engine, origin, repair);
    if (receipt) return { receipt };
    throw nothingToRetry(load, repair);
  }
  if (masked > 0) throw refuseMasked(load, masked);
  ids.sort();
  return { ...origin, repair: repair ?? nameOfRows(ids), repaired: repair !== undefined, rows: ids };
}

/** The rows of a repair, in the order of their ids; none where not all of them have been handed in. */
async function repairedRows(
  engine: Engine,
  { loadId, target }: Pick<RetryableRows, 'loadId' | 'target'>,
  repair: string,
): Promise<RepairedRow[]> {
  const found = await engine.backend.rows<{ row_id: string; row_json: string }>(
    'quarantine',
    sql`SELECT DISTINCT ${own(engine, 'row_id', 'row_json')} FROM ${raw(engine.names.quarantine_repairs)}
        WHERE ${own(engine, 'load_id')} = ${loadId} AND ${own(engine, 'target')} = ${target} AND ${own(engine, 'repair')} = ${repair}
        ORDER BY ${own(engine, 'row_id')}`,
  );
  const rows = found.map((r) => ({ id: r.row_id, json: r.row_json }));
  return nameOfRepair(rows) === repair ? rows : [];
}

const nameOfRepair = (rows: readonly RepairedRow[]): string => nameOfRows(rows.map((r) => `${r.id} ${r.json}`));

/** The receipt of the load that has brought these rows, or the last ones of this load. */
async function broughtBy(
  engine: Engine,
  { loadId, target }: Pick<RetryableRows, 'loadId' | 'target'>,
  repair: string | undefined,
): Promise<LoadReceipt | null> {
  const brought = (await decisionsOf(engine, loadId)).filter(
    (d) => d.target === target && d.repairedBy !== null && (repair === undefined || d.repair === repair),
  );
  const last = brought.at(-1);
  return last ? receiptById(engine, last.repairedBy!) : null;
}

/** See `QuarantineDesk.submit`. The name of a repair is made of all of its rows, so that half of them are none. */
export async function submitRepaired(
  engine: Engine,
  loadKeyOrId: string,
  table: string | undefined,
  rows: readonly RepairedRow[],
): Promise<{ loadId: string; table: string; repair: string }> {
  const origin = await originOf(engine, loadKeyOrId, table);
  const repair = nameOfRepair(rows);
  const { loadId, target } = origin;
  await checkSubmitted(engine, origin, repair, rows);
  if ((await repairedRows(engine, origin, repair)).length !== rows.length)
    for (const some of portions(rows, 100)) {
      const values = some.map(
        ({ id, json }) => sql`SELECT ${loadId}, ${target}, ${repair}, ${id}, ${json}, ${raw(engine.dialect.now)}`,
      );
      await engine.backend.run(
        'quarantine',
        sql`INSERT INTO ${raw(engine.names.quarantine_repairs)} (${own(engine, 'load_id', 'target', 'repair', 'row_id', 'row_json', 'submitted_at')})
            ${joined(values, ' UNION ALL ')}`,
      );
    }
  return { loadId, table: target, repair };
}

/** Every row is one of the load's, and open, or brought by just this repair; and no value stands where a mask was. */
async function checkSubmitted(
  engine: Engine,
  { load, target }: QuarantineOrigin,
  repair: string,
  rows: readonly RepairedRow[],
): Promise<void> {
  const asked = new Map(rows.map((r) => [r.id, r]));
  let masked = 0;
  for await (const row of statedRows(engine, load, target)) {
    const repaired = asked.get(row.id);
    if (!repaired || !asked.delete(row.id)) continue;
    if (row.state !== 'open' && row.decision?.repair !== repair)
      throw rowDecided(load, `row ${row.id}, which is ${row.state}`);
    // Neither the value that was masked nor another in its place: the ledger holds none of such a column.
    if (isMasked(row) || isMasked({ members: membersOf(repaired, load), masked: row.masked })) masked++;
  }
  const [strange] = asked.keys();
  if (strange !== undefined) throw strangeRow(load, strange);
  if (masked > 0) throw refuseMasked(load, masked);
}

function membersOf({ id, json }: RepairedRow, load: Pick<KnownLoad, 'loadKey'>): JsonMember[] {
  try {
    JSON.parse(json);
    return jsonMembers(json);
  } catch {
    throw strangeRow(load, id);
  }
}

/** See `QuarantineDesk.take`. */
export async function* takeRows(
  engine: Engine,
  found: RetryableRows,
  contract: TableContract,
  columns: readonly TargetColumn[] | null,
  signal: AbortSignal,
): AsyncGenerator<readonly (string | null)[]> {
  const wanted = stageColumns(engine, { contract, columns }).map(({ name, type }) => ({
    name,
    nested: contract.columns[name]!.type === 'json' && !isText(type),
  }));
  for await (const members of valuesOf(engine, found)) {
    signal.throwIfAborted();
    const values = new Map(members.map((m) => [m.name, m.raw]));
    const unknown = [...values.keys()].filter((name) => !Object.hasOwn(contract.columns, name));
    if (unknown.length && contract.extraColumns !== 'ignore')
      throw unknownColumns(found.target, unknown.slice(0, 20), contract.name);
    yield wanted.map(({ name, nested }) => {
      const value = values.get(name) ?? 'null';
      return nested && value !== 'null' ? value : jsonText(value);
    });
  }
}

async function* valuesOf(engine: Engine, found: RetryableRows): AsyncGenerator<JsonMember[]> {
  const { loadId, target, repaired, repair } = found;
  if (repaired) {
    for (const { json } of await repairedRows(engine, found, repair)) yield ownMembers(jsonMembers(json));
    return;
  }
  const ids = new Set(found.rows);
  for await (const row of keptRows(engine, loadId, target)) if (ids.has(row.id)) yield [...row.members];
}
