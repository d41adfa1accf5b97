import type { QuarantineFilter, QuarantineSummary } from '../quarantine';
import { own, type Engine } from './engine';
import { history, notUndone } from './ledger';
import { raw, sql, type Sql } from './port';
import { joined } from './rows';
import { decisionsOf, keptRows, type Decision } from './set-aside';

/** How many rows were set aside for each reason, or set of reasons. */
type Reasons = Map<string, number>;

interface Total {
  readonly load_id: string;
  readonly load_key: string;
  readonly target: string;
  readonly n: unknown;
  readonly at: string;
  readonly here: unknown;
}

/** See `QuarantineDesk.list`. */
export async function listQuarantined(engine: Engine, filter: QuarantineFilter): Promise<QuarantineSummary[]> {
  const { all = false, reason, limit } = filter;
  const where = conditionsOf(engine, filter);
  const totals = await totalsOf(engine, where);
  if (!totals.length) return [];
  const grouped = await reasonsOf(engine, where);
  const decisions = await decisionsOf(engine);
  const found: QuarantineSummary[] = [];
  for (const total of totals) {
    const mine = decisions.filter((d) => d.loadId === total.load_id && d.target === total.target);
    const reasons = mine.length
      ? await undecided(engine, total, mine)
      : (grouped.get(`${total.load_id} ${total.target}`) ?? new Map<string, number>());
    const summary = summaryOf(total, mine, reasons);
    const named = [...reasons.keys()].join('\n').toLowerCase();
    if ((!all && summary.open === 0) || (reason !== undefined && !named.includes(reason.toLowerCase()))) continue;
    found.push(summary);
    if (found.length === limit) break;
  }
  return found;
}

function conditionsOf(engine: Engine, { load, table }: QuarantineFilter): Sql {
  const q = (name: string): Sql => sql`q.${own(engine, name)}`;
  const conditions: Sql[] = [sql`TRUE`];
  if (load !== undefined) conditions.push(sql`(${q('load_id')} = ${load} OR ${q('load_key')} = ${load})`);
  if (table !== undefined) {
    const length = raw(String([...table].length + 1));
    conditions.push(sql`(${q('target')} = ${table} OR RIGHT(${q('target')}, ${length}) = ${`.${table}`})`);
  }
  return joined(conditions, ' AND ');
}

/** Newest first, each with whether no other generation has taken the load's place, and it was not rolled back. */
function totalsOf(engine: Engine, where: Sql): Promise<Total[]> {
  const { dialect, names } = engine;
  const c = (alias: string, name: string): string => `${alias}.${dialect.ident(name)}`;
  const as = (sqlText: string, name: string): string => `${sqlText} AS ${dialect.ident(name)}`;
  const key = ['load_id', 'load_key', 'target'];
  const newest = `SELECT ${own(engine, 'load_key').raw}, ${as(`MAX(${own(engine, 'seq').raw})`, 'seq')} FROM ${names.claims} GROUP BY ${own(engine, 'load_key').raw}`;
  const current = `(${c('k', 'identity')} = 'files' OR COALESCE(${c('k', 'applied_generation')} = ${c('l', 'generation')}, FALSE)) AND ${notUndone(engine, 'l')}`;
  return engine.backend.rows<Total>(
    'quarantine',
    sql`SELECT ${raw([...key.map((name) => as(c('t', name), name)), as(c('t', 'n'), 'n'), as(dialect.isoText(c('t', 'at')), 'at'), as(`CASE WHEN ${current} THEN 1 ELSE 0 END`, 'here')].join(', '))}
        FROM (SELECT ${raw(key.map((name) => as(c('q', name), name)).join(', '))}, COUNT(*) AS ${own(engine, 'n')}, ${raw(as(`MAX(${c('q', 'quarantined_at')})`, 'at'))}
              FROM ${raw(names.quarantine)} q WHERE ${where} GROUP BY ${raw(key.map((name) => c('q', name)).join(', '))}) t
        JOIN ${history(engine)} l ON ${raw(`${c('l', 'load_id')} = ${c('t', 'load_id')}`)}
        JOIN ${raw(names.claims)} k ON ${raw(`${c('k', 'load_key')} = ${c('t', 'load_key')}`)}
        JOIN (${raw(newest)}) m ON ${raw(`${c('m', 'load_key')} = ${c('k', 'load_key')} AND ${c('m', 'seq')} = ${c('k', 'seq')}`)}
        ORDER BY ${raw(`${c('t', 'at')} DESC, ${c('t', 'load_id')}, ${c('t', 'target')}`)}`,
  );
}

async function reasonsOf(engine: Engine, where: Sql): Promise<Map<string, Reasons>> {
  const columns = raw(['load_id', 'target', 'reasons'].map((name) => `q.${engine.dialect.ident(name)}`).join(', '));
  const rows = await engine.backend.rows<{ load_id: string; target: string; reasons: string; n: unknown }>(
    'quarantine',
    sql`SELECT ${columns}, COUNT(*) AS ${own(engine, 'n')} FROM ${raw(engine.names.quarantine)} q WHERE ${where} GROUP BY ${columns}`,
  );
  const found = new Map<string, Reasons>();
  for (const row of rows) {
    const of = `${row.load_id} ${row.target}`;
    const reasons = found.get(of) ?? new Map<string, number>();
    found.set(of, reasons);
    count(reasons, row.reasons.trim().split('\n'), Number(row.n));
  }
  return found;
}

/** Rows are looked at one by one only of loads about which something was decided. */
async function undecided(engine: Engine, total: Total, decisions: readonly Decision[]): Promise<Reasons> {
  const decided = new Set(decisions.flatMap((d) => d.rowIds));
  const reasons: Reasons = new Map();
  for await (const row of keptRows(engine, total.load_id, total.target))
    if (!decided.has(row.id)) count(reasons, row.reasons, 1);
  return reasons;
}

const anyReason = '';

function count(into: Reasons, reasons: readonly string[], rows: number): void {
  for (const reason of [anyReason, ...reasons]) into.set(reason, (into.get(reason) ?? 0) + rows);
}

function summaryOf(total: Total, decisions: readonly Decision[], reasons: Reasons): QuarantineSummary {
  const rows = Number(total.n);
  const left = reasons.get(anyReason) ?? 0;
  const current = Number(total.here) === 1;
  const brought = decisions.filter((d) => d.decision === 'repaired').reduce((sum, d) => sum + d.rowIds.length, 0);
  const repaired = Math.min(brought, rows - left);
  const named = [...reasons].filter(([reason]) => reason !== anyReason);
  return {
    loadId: total.load_id,
    loadKey: total.load_key,
    table: total.target,
    quarantinedAt: total.at,
    rows,
    open: current ? left : 0,
    repaired,
    discarded: rows - left - repaired,
    superseded: current ? 0 : left,
    reasons: current
      ? named
          .map(([reason, n]) => ({ reason, rows: n }))
          .sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1))
      : [],
  };
}
