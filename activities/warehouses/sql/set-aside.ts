import { createHash } from 'node:crypto';
import { loadFailure } from '../../../workflows/load-error';
import type { LoadReceipt } from '../../../workflows/contract';
import type { QuarantineState } from '../quarantine';
import { maskedKey, type QuarantiningLoad } from '../quarantine-policy';
import { readClaim } from './claims';
import { own, type Engine } from './engine';
import { history } from './ledger';
import { jsonMembers, type JsonMember } from './json-members';
import { raw, sql, type Sql } from './port';

/** A load that may have set rows aside, with its receipt. */
export interface KnownLoad extends QuarantiningLoad {
  readonly receipt: LoadReceipt;
}

/** The load of this id, or the newest of this key. @throws `LoadNotFound` */
export async function quarantiningLoad(engine: Engine, loadKeyOrId: string): Promise<KnownLoad> {
  const id = own(engine, 'load_id');
  const [row] = await engine.backend.rows<{ receipt: string }>(
    'quarantine',
    sql`SELECT ${own(engine, 'receipt')} FROM ${history(engine)} h WHERE ${id} = ${loadKeyOrId} OR ${own(engine, 'load_key')} = ${loadKeyOrId}
        ORDER BY CASE WHEN ${id} = ${loadKeyOrId} THEN 0 ELSE 1 END, ${own(engine, 'generation')} DESC LIMIT 1`,
  );
  if (!row) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
  const receipt = JSON.parse(row.receipt) as LoadReceipt;
  return { loadId: receipt.loadId, loadKey: receipt.loadKey, receipt };
}

/** Whether no other generation has taken the place of a load, and it was not rolled back. */
export async function isCurrent(engine: Engine, { loadId, loadKey, receipt }: KnownLoad): Promise<boolean> {
  const claim = await readClaim(engine, loadKey);
  if (!claim || (claim.identity !== 'files' && claim.appliedGeneration !== receipt.generation)) return false;
  const undone = await engine.backend.rows(
    'quarantine',
    sql`SELECT 1 AS ${own(engine, 'n')} FROM ${raw(engine.names.rollbacks)} WHERE ${own(engine, 'load_id')} = ${loadId} LIMIT 1`,
  );
  return undone.length === 0;
}

/** The tables of which a load has set rows aside. */
export async function tablesOf(engine: Engine, loadId: string): Promise<string[]> {
  const target = own(engine, 'target');
  const rows = await engine.backend.rows<{ target: string }>(
    'quarantine',
    sql`SELECT DISTINCT ${target} FROM ${raw(engine.names.quarantine)} WHERE ${own(engine, 'load_id')} = ${loadId} ORDER BY 1`,
  );
  return rows.map((r) => r.target);
}

/** A row that was set aside, as it is kept. */
export interface KeptRow {
  /** Made of what the row holds; equal rows are numbered. */
  readonly id: string;
  readonly target: string;
  readonly reasons: readonly string[];
  /** Its values, by the columns of the contract. */
  readonly members: readonly JsonMember[];
  /** Columns of which a mask is kept instead of the value. */
  readonly masked: readonly string[];
}

/** Kinds of rows that are fetched at once. */
const pageRows = 1_000;

/** The rows that a load has set aside for a table, page by page, so that memory stays flat. */
export async function* keptRows(engine: Engine, loadId: string, target: string): AsyncGenerator<KeptRow> {
  const [json, reasons] = [own(engine, 'row_json'), own(engine, 'reasons')];
  let last: { readonly row_json: string; readonly reasons: string } | undefined;
  let number = 0;
  for (;;) {
    const after: Sql = last
      ? sql` AND (${json} > ${last.row_json} OR (${json} = ${last.row_json} AND ${reasons} > ${last.reasons}))`
      : sql``;
    const rows: { row_json: string; reasons: string; n: unknown }[] = await engine.backend.rows(
      'quarantine',
      sql`SELECT ${json}, ${reasons}, COUNT(*) AS ${own(engine, 'n')} FROM ${raw(engine.names.quarantine)}
          WHERE ${own(engine, 'load_id')} = ${loadId} AND ${own(engine, 'target')} = ${target}${after}
          GROUP BY ${json}, ${reasons} ORDER BY ${json}, ${reasons} LIMIT ${raw(String(pageRows))}`,
    );
    for (const row of rows) {
      // Of rows that are kept alike but were bad for different reasons, as masked ones may be, the numbers go on.
      if (row.row_json !== last?.row_json) number = 0;
      last = row;
      const kept = keptRow(target, row);
      for (let n = Number(row.n); n > 0; n--) yield { ...kept, id: `${kept.id}-${++number}` };
    }
    if (rows.length < pageRows) return;
  }
}

function keptRow(target: string, row: { readonly row_json: string; readonly reasons: string }): KeptRow {
  const all = jsonMembers(row.row_json);
  const masked = all.find((m) => m.name === maskedKey);
  return {
    id: createHash('sha256').update(row.row_json).digest('hex').slice(0, 16),
    target,
    reasons: row.reasons.trim().split('\n'),
    members: ownMembers(all),
    masked: masked ? (JSON.parse(masked.raw) as string).split(' ').map(decodeURIComponent) : [],
  };
}

/** What a contract names of a row: without what Loadline has put there. */
export const ownMembers = (members: readonly JsonMember[]): JsonMember[] =>
  members.filter(({ name }) => !name.startsWith('_loadline_'));

/** Whether a mask stands in the row for a value. */
export const isMasked = ({ members, masked }: Pick<KeptRow, 'members' | 'masked'>): boolean =>
  members.some(({ name, raw: value }) => value !== 'null' && masked.includes(name));

/** What was decided about some rows of a load. */
export interface Decision {
  readonly loadId: string;
  readonly target: string;
  readonly decision: Extract<QuarantineState, 'repaired' | 'discarded'>;
  readonly rowIds: readonly string[];
  readonly repair: string | null;
  readonly repairedBy: string | null;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** Decisions that count, the oldest first: what a load has brought that was rolled back is open again. */
export async function decisionsOf(engine: Engine, loadId?: string): Promise<Decision[]> {
  const { dialect, names } = engine;
  const plain = ['load_id', 'target', 'decision', 'row_ids', 'repair', 'repaired_by', 'by', 'reason'];
  const at = (name: string): string => `d.${dialect.ident(name)}`;
  const columns = plain.map((name) => `${at(name)} AS ${dialect.ident(name)}`).join(', ');
  const one = loadId === undefined ? sql`` : sql` AND ${raw(at('load_id'))} = ${loadId}`;
  const rows = await engine.backend.rows<Record<string, string | null>>(
    'quarantine',
    sql`SELECT ${raw(columns)}, ${raw(dialect.isoText(at('decided_at')))} AS ${own(engine, 'decided_at')}
        FROM ${raw(names.quarantine_decisions)} d
        WHERE NOT EXISTS (SELECT 1 FROM ${raw(names.rollbacks)} u WHERE u.${own(engine, 'load_id')} = ${raw(at('repaired_by'))})${one}
        ORDER BY ${raw(at('decided_at'))}`,
  );
  return rows.map((row) => ({
    loadId: row['load_id']!,
    target: row['target']!,
    decision: row['decision'] as Decision['decision'],
    rowIds: JSON.parse(row['row_ids']!) as string[],
    repair: row['repair'] ?? null,
    repairedBy: row['repaired_by'] ?? null,
    by: row['by']!,
    reason: row['reason']!,
    at: row['decided_at']!,
  }));
}

/** A row with what was decided about it. */
export interface StatedRow extends KeptRow {
  readonly state: QuarantineState;
  readonly decision: Decision | undefined;
}

/** The rows of a load and a table, each with what was decided about it. */
export async function* statedRows(engine: Engine, load: KnownLoad, target: string): AsyncGenerator<StatedRow> {
  const decided = new Map<string, Decision>();
  for (const decision of await decisionsOf(engine, load.loadId))
    if (decision.target === target) for (const id of decision.rowIds) decided.set(id, decision);
  const otherwise = (await isCurrent(engine, load)) ? 'open' : 'superseded';
  for await (const row of keptRows(engine, load.loadId, target)) {
    const decision = decided.get(row.id);
    yield { ...row, state: decision?.decision ?? otherwise, decision };
  }
}
