import type { QuarantineDesk, QuarantineDetails, QuarantinedRow, QuarantineSelection } from '../quarantine';
import { reasonsKey, rowKey, tableNamed } from '../quarantine-policy';
import type { SignedBy } from '../warehouse';
import { deciding, type Engine } from './engine';
import { jsonText } from './json-members';
import { listQuarantined } from './quarantine-list';
import { originOf, retryableRows, submitRepaired, takeRows } from './quarantine-retry';
import { decided, forgetRepairs } from './repairs';
import { isMasked, quarantiningLoad, statedRows, tablesOf, type KnownLoad, type StatedRow } from './set-aside';

/** How a ledger is read that may not be there yet. */
export interface DeskAccess {
  ifReady<T>(otherwise: T, work: () => Promise<T>): Promise<T>;
  known<T>(loadKeyOrId: string, work: () => Promise<T>): Promise<T>;
}

/** The desk of a warehouse without enforced keys. */
export function openDesk(engine: Engine, ledger: DeskAccess): QuarantineDesk {
  return {
    list: (filter) => ledger.ifReady([], () => listQuarantined(engine, filter)),
    show: (load, selection = {}) => ledger.known(load, () => showQuarantined(engine, load, selection)),
    export: (load, table, write) => ledger.known(load, () => exportRows(engine, load, table, write)),
    submit: (load, table, rows) => ledger.known(load, () => submitRepaired(engine, load, table, rows)),
    retryable: (load, table, repair) => ledger.known(load, () => retryableRows(engine, load, table, repair)),
    take: (rows, contract, columns, signal) => takeRows(engine, rows, contract, columns, signal),
    discard: (load, table, by) => ledger.known(load, () => deciding(load, () => discardRows(engine, load, table, by))),
  };
}

async function targetsOf(engine: Engine, load: KnownLoad, table: string | undefined): Promise<string[]> {
  const tables = await tablesOf(engine, load.loadId);
  return table === undefined ? tables : [tableNamed(load, tables, table)];
}

async function showQuarantined(
  engine: Engine,
  loadKeyOrId: string,
  { table, limit = Number.POSITIVE_INFINITY, values = false, all = false }: QuarantineSelection,
): Promise<QuarantineDetails> {
  const load = await quarantiningLoad(engine, loadKeyOrId);
  const rows: QuarantinedRow[] = [];
  let total = 0;
  for (const target of await targetsOf(engine, load, table))
    for await (const row of statedRows(engine, load, target)) {
      if (!all && row.state !== 'open') continue;
      total++;
      if (rows.length < limit) rows.push(shown(row, values));
    }
  return { loadId: load.loadId, loadKey: load.loadKey, total, rows };
}

function shown({ id, target, state, reasons, members, masked, decision }: StatedRow, values: boolean): QuarantinedRow {
  return {
    id,
    table: target,
    state,
    reasons,
    columns: members.map((m) => m.name),
    masked,
    ...(values && { values: Object.fromEntries(members.map((m) => [m.name, jsonText(m.raw)])) }),
    ...(decision && {
      decision: {
        by: decision.by,
        reason: decision.reason,
        at: decision.at,
        ...(decision.repairedBy !== null && { loadId: decision.repairedBy }),
      },
    }),
  };
}

/** Lines that are handed over at once. */
const exportedLines = 1_000;

async function exportRows(
  engine: Engine,
  loadKeyOrId: string,
  table: string | undefined,
  write: (lines: readonly string[]) => Promise<void>,
): Promise<{ rows: number; masked: number }> {
  const { load, target } = await originOf(engine, loadKeyOrId, table);
  let [rows, masked] = [0, 0];
  let lines: string[] = [];
  for await (const row of statedRows(engine, load, target)) {
    if (row.state !== 'open') continue;
    if (isMasked(row)) masked++;
    else {
      lines.push(lineOf(row));
      rows++;
    }
    if (lines.length < exportedLines) continue;
    await write(lines);
    lines = [];
  }
  if (lines.length) await write(lines);
  return { rows, masked };
}

/** Values as they are kept, so that no digit of a number is lost. */
function lineOf({ id, reasons, members }: StatedRow): string {
  const own = [`"${rowKey}": ${JSON.stringify(id)}`, `"${reasonsKey}": ${JSON.stringify(reasons)}`];
  return `{${[...own, ...members.map((m) => `${JSON.stringify(m.name)}: ${m.raw}`)].join(', ')}}`;
}

/** Under the locks of the tables, so that no load is bringing the rows. */
async function discardRows(
  engine: Engine,
  loadKeyOrId: string,
  table: string | undefined,
  { by, reason }: SignedBy,
): Promise<{ loadId: string; rows: number }> {
  const load = await quarantiningLoad(engine, loadKeyOrId);
  const { loadId } = load;
  const targets = await targetsOf(engine, load, table);
  if (!targets.length) return { loadId, rows: 0 };
  // Locks first: whatever is read after them is guarded by them.
  const locks = await engine.locks.find(targets);
  const open = new Map<string, string[]>();
  for (const target of targets) {
    const ids: string[] = [];
    for await (const row of statedRows(engine, load, target)) if (row.state === 'open') ids.push(row.id);
    open.set(target, ids);
  }
  const rows = [...open.values()].reduce((sum, ids) => sum + ids.length, 0);
  if (rows === 0) return { loadId, rows };
  await engine.backend.unit({
    name: 'discard',
    id: `discard-${loadId}-${locks.map((l) => `${l.object} ${l.taken}`).join(' ')}`,
    ...engine.locks.take(locks),
    guards: locks.map((lock) => engine.locks.unmoved(lock, 'TargetMoved')),
    statements: [
      ...[...open].flatMap(([target, ids]) =>
        decided(engine, {
          loadId,
          target,
          decision: 'discarded',
          rows: ids,
          repair: null,
          repairedBy: null,
          by,
          reason,
        }),
      ),
      forgetRepairs(engine, loadId, targets),
    ],
  });
  return { loadId, rows };
}
