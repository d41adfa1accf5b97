import { loadFailure } from '../../../workflows/load-error';
import type { LoadIdentity, LoadReceipt, OpenLoad } from '../../../workflows/contract';
import { decideClaim, type ClaimRow } from '../claim-policy';
import { loadIdOf } from '../receipts';
import type { ClaimRequest, ClaimResult } from '../warehouse';
import { appliedReceipt } from './ledger';
import { deciding, own, type Engine } from './engine';
import { keyLock, type FoundLock } from './locks';
import { raw, sql, type Guard, type RawSql, type SqlValue, type UnitStatement } from './port';
import { inserted } from './rows';

/** The newest event of a load key. */
export interface Claim extends ClaimRow {
  readonly loadKey: string;
  readonly seq: number;
  readonly pipeline: string;
  readonly identity: LoadIdentity;
  readonly targets: readonly string[];
  readonly buildId: string | null;
  /** ISO 8601, warehouse clock. */
  readonly claimedAt: string;
  /** Whether a load of the key was ever rejected. */
  readonly rejected: boolean;
}

/** What one event of a key leaves as it was, and what it changes. */
export type ClaimChange = Partial<Omit<Claim, 'loadKey' | 'seq' | 'leaseLeftMs' | 'rolledBack' | 'rejected'>> & {
  readonly event: string;
  /** How long the claim stays without a sign of life; 0: not at all. */
  readonly leaseMs: number;
};

/** See `Warehouse.claim`. One short unit. */
export async function claim(engine: Engine, request: ClaimRequest): Promise<ClaimResult> {
  const { loadKey } = request;
  await engine.locks.make([...new Set(request.targets), keyLock(loadKey)]);
  return deciding(loadKey, async () => {
    const found = await readClaim(engine, loadKey);
    const row = found ?? firstClaim(request);
    const decision = decideClaim(row, request);
    if (decision.do === 'answer-applied') return { receipt: await alreadyLoaded(engine, loadKey) };
    if (decision.do === 'keep') {
      await renewAs(engine, loadKey, row.fence);
      return { generation: row.generation, fence: row.fence, loadId: loadIdOf(loadKey, row.generation) };
    }
    const { generation, fence } = decision;
    const { workflowId, runId, activityId, scheduledAtMs, buildId } = request.actor;
    const taken = { workflowId, runId, activityId, scheduledAtMs, buildId, generation, fence };
    await changeClaim(engine, 'claim', row, {
      event: 'claim',
      state: 'open',
      leaseMs: engine.options.claimLeaseMs,
      claimedAt: '',
      ...taken,
    });
    return { generation, fence, loadId: loadIdOf(loadKey, generation) };
  });
}

/** A key that nobody has claimed yet. */
export function firstClaim({
  loadKey,
  pipeline,
  targets,
  identity,
}: Pick<ClaimRequest, 'loadKey' | 'pipeline' | 'targets' | 'identity'>): Claim {
  const nobody = {
    workflowId: null,
    runId: null,
    activityId: null,
    scheduledAtMs: null,
    buildId: null,
    sourceIdentity: null,
  };
  const nothing = {
    generation: 0,
    appliedGeneration: null,
    fence: 0,
    rolledBack: false,
    rejected: false,
    leaseLeftMs: 0,
  };
  return { loadKey, seq: 0, pipeline, targets, identity, state: 'open', claimedAt: '', ...nobody, ...nothing };
}

async function alreadyLoaded(engine: Engine, loadKey: string): Promise<LoadReceipt> {
  const receipt = await appliedReceipt(engine, loadKey);
  if (!receipt) throw loadFailure('Unexpected', { object: loadKey, got: 'an applied claim without a ledger row' });
  return { ...receipt, outcome: 'already-loaded' };
}

/** Writes the next event of a key, unless another was faster. */
export async function changeClaim(engine: Engine, name: string, row: Claim, change: ClaimChange): Promise<void> {
  await engine.backend.unit({
    name,
    id: `${name}-${row.loadKey}-${row.seq + 1}-${change.fence ?? row.fence}-${change.runId ?? ''}-${change.activityId ?? ''}`,
    // Whoever has claimed the key has made its lock.
    ...engine.locks.take([{ object: keyLock(row.loadKey) }]),
    guards: [claimUnmoved(engine, row)],
    statements: claimEvent(engine, row, change),
  });
}

/** Holds while nothing has happened to the key since it was read; under the key's lock. */
export function claimUnmoved(engine: Engine, { loadKey, seq }: Pick<Claim, 'loadKey' | 'seq'>): Guard {
  const newest = own(engine, 'seq');
  return {
    code: 'ClaimMoved',
    holds: sql`SELECT COALESCE(MAX(${newest}), 0) = ${raw(String(seq))} AS ${own(engine, 'holds')} FROM ${raw(engine.names.claims)}
      WHERE ${own(engine, 'load_key')} = ${loadKey}`,
  };
}

/** The statements that write the next event of a key. */
export function claimEvent(engine: Engine, row: Claim, { event, leaseMs, ...change }: ClaimChange): UnitStatement[] {
  const next = { ...row, ...change };
  const now = raw(engine.dialect.now);
  const first =
    row.seq > 0
      ? []
      : row.targets.map((target) => inserted(engine, 'claim_targets', { load_key: row.loadKey, target }));
  return [
    inserted(engine, 'claims', {
      load_key: row.loadKey,
      seq: row.seq + 1,
      event,
      pipeline: next.pipeline,
      identity: next.identity,
      targets: JSON.stringify(next.targets),
      state: next.state,
      generation: next.generation,
      applied_generation: next.appliedGeneration,
      fence: next.fence,
      source_identity: next.sourceIdentity,
      workflow_id: next.workflowId,
      run_id: next.runId,
      activity_id: next.activityId,
      scheduled_at_ms: next.scheduledAtMs,
      build_id: next.buildId,
      claimed_at: next.claimedAt === '' ? now : next.claimedAt,
      lease_ms: leaseMs,
      at: now,
    }),
    ...first,
  ];
}

/** The newest event of a key; `null` where there is none. */
export async function readClaim(engine: Engine, loadKey: string): Promise<Claim | null> {
  const [row] = await engine.backend.rows<Record<string, SqlValue>>('claim', claimSql(engine, loadKey));
  return row ? claimOf(loadKey, row) : null;
}

function claimSql(engine: Engine, loadKey: string) {
  const { dialect, names } = engine;
  const c = (name: string): string => `c.${dialect.ident(name)}`;
  const as = (expression: string, name: string): string => `${expression} AS ${dialect.ident(name)}`;
  const plain = [
    'seq',
    'pipeline',
    'identity',
    'targets',
    'state',
    'generation',
    'applied_generation',
    'fence',
    'source_identity',
  ]
    .concat(['workflow_id', 'run_id', 'activity_id', 'scheduled_at_ms', 'build_id'])
    .map((name) => as(c(name), name));
  const key = dialect.ident('load_key');
  const { signs, left } = leaseOf(engine);
  const has = (table: string): string => `(SELECT COUNT(*) FROM ${table} x WHERE x.${key} = ${c('load_key')})`;
  const more = [
    as(dialect.isoText(c('claimed_at')), 'claimed_at'),
    as(left, 'lease_left_ms'),
    as(has(names.rollbacks), 'rollbacks'),
    as(has(names.rejections), 'rejections'),
  ];
  return sql`SELECT ${raw([...plain, ...more].join(', '))} FROM ${raw(names.claims)} c ${raw(signs)}
    WHERE ${raw(c('load_key'))} = ${loadKey} ORDER BY ${raw(c('seq'))} DESC LIMIT 1`;
}

/** The join that adds the newest sign of life `r` to claims `c`, and how many milliseconds each has left by it. */
function leaseOf({ dialect, names }: Engine): { readonly signs: string; readonly left: string } {
  const [key, fence, at] = ['load_key', 'fence', 'at'].map(dialect.ident);
  const newest = `(SELECT ${key}, ${fence}, MAX(${at}) AS ${at} FROM ${names.renewals} GROUP BY ${key}, ${fence})`;
  const seen = `CASE WHEN r.${at} > c.${at} THEN r.${at} ELSE c.${at} END`;
  return {
    signs: `LEFT JOIN ${newest} r ON r.${key} = c.${key} AND r.${fence} = c.${fence}`,
    left: `c.${dialect.ident('lease_ms')} - ${dialect.msBetween(seen, dialect.now)}`,
  };
}

/** A query of the load keys that somebody is loading, or whose load is held. */
export function keysUnderWay(engine: Engine): RawSql {
  const { dialect, names } = engine;
  const [key, seq] = ['load_key', 'seq'].map(dialect.ident);
  const c = (name: string): string => `c.${dialect.ident(name)}`;
  const { signs, left } = leaseOf(engine);
  return raw(`SELECT c.${key} FROM ${names.claims} c
    JOIN (SELECT ${key}, MAX(${seq}) AS ${seq} FROM ${names.claims} GROUP BY ${key}) n ON n.${key} = c.${key} AND n.${seq} = c.${seq} ${signs}
    WHERE ${c('state')} = 'held' OR (${c('state')} = 'open' AND ${c('workflow_id')} IS NOT NULL AND ${left} > 0)`);
}

const numberOrNull = (value: SqlValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);
const textOrNull = (value: SqlValue | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

function claimOf(loadKey: string, row: Readonly<Record<string, SqlValue>>): Claim {
  const appliedGeneration = numberOrNull(row['applied_generation']);
  const lease = Number(row['lease_left_ms'] ?? 0);
  return {
    loadKey,
    seq: Number(row['seq']),
    pipeline: String(row['pipeline']),
    identity: String(row['identity']) as LoadIdentity,
    targets: JSON.parse(String(row['targets'])) as string[],
    state: String(row['state']) as Claim['state'],
    generation: Number(row['generation']),
    appliedGeneration,
    fence: Number(row['fence']),
    sourceIdentity: textOrNull(row['source_identity']),
    workflowId: textOrNull(row['workflow_id']),
    runId: textOrNull(row['run_id']),
    activityId: textOrNull(row['activity_id']),
    scheduledAtMs: numberOrNull(row['scheduled_at_ms']),
    buildId: textOrNull(row['build_id']),
    claimedAt: String(row['claimed_at']),
    leaseLeftMs: row['workflow_id'] === null ? 0 : Math.max(0, lease),
    rolledBack: appliedGeneration === null && Number(row['rollbacks']) > 0,
    rejected: Number(row['rejections']) > 0,
  };
}

/** See `Warehouse.renew`. A row of its own: it waits for nobody, least of all for the load's own publish. */
export async function renew(engine: Engine, open: Pick<OpenLoad, 'loadKey' | 'fence'>): Promise<boolean> {
  const row = await readClaim(engine, open.loadKey);
  if (row?.fence !== open.fence) return false;
  await renewAs(engine, open.loadKey, open.fence);
  return true;
}

async function renewAs(engine: Engine, loadKey: string, fence: number): Promise<void> {
  const { sql: statement } = inserted(engine, 'renewals', {
    load_key: loadKey,
    fence,
    lease_ms: engine.options.claimLeaseMs,
    at: raw(engine.dialect.now),
  });
  await engine.backend.run('claim', statement);
}

/** Gives a claim back: to the applied generation where there is one, else to whoever asks next. */
export function release(engine: Engine, open: OpenLoad, sourceIdentity: string | null): Promise<void> {
  return deciding(open.loadKey, async () => {
    const row = await readClaim(engine, open.loadKey);
    if (row && isMine(row, open)) await letGo(engine, 'release', row, row.fence, sourceIdentity);
  });
}

/** See `Warehouse.discard`: takes a fence, so that an attempt that froze cannot publish a load that has failed. */
export function discard(engine: Engine, open: OpenLoad): Promise<void> {
  return deciding(open.loadKey, async () => {
    const row = await readClaim(engine, open.loadKey);
    if (row && isMine(row, open)) await letGo(engine, 'discard', row, row.fence + 1);
  });
}

/** See `Warehouse.abandon`: takes a fence, so that no attempt can publish any more. */
export function abandon(engine: Engine, loadKey: string): Promise<void> {
  return deciding(loadKey, async () => {
    const row = await readClaim(engine, loadKey);
    if (!row) throw loadFailure('LoadNotFound', { object: loadKey });
    if (row.state === 'applied') throw loadFailure('LoadStillApplied', { object: loadKey, loadKey });
    if (isOpen(row)) await letGo(engine, 'abandon', row, row.fence + 1);
    else await changeClaim(engine, 'abandon', row, { event: 'abandon', fence: row.fence + 1, leaseMs: 0 });
  });
}

const isOpen = ({ state }: Claim): boolean => state === 'open' || state === 'held';
const isMine = (row: Claim, { fence }: Pick<OpenLoad, 'fence'>): boolean => row.fence === fence && isOpen(row);

/** The state of a key that nobody holds any more. */
export function stateLeft(
  row: Pick<Claim, 'appliedGeneration' | 'rolledBack' | 'rejected' | 'identity'>,
): Claim['state'] {
  if (row.appliedGeneration !== null) return 'applied';
  if (row.rolledBack) return 'rolled-back';
  return row.rejected && row.identity !== 'files' ? 'rejected' : 'open';
}

function letGo(
  engine: Engine,
  event: string,
  row: Claim,
  fence: number,
  sourceIdentity: string | null = null,
): Promise<void> {
  return changeClaim(engine, event, row, {
    event,
    state: stateLeft(row),
    generation: row.appliedGeneration ?? row.generation,
    fence,
    workflowId: null,
    leaseMs: 0,
    sourceIdentity: sourceIdentity ?? row.sourceIdentity,
  });
}

/** What a unit about one key has: its lock, and the guard on what was read of it. */
export function keyUnit(engine: Engine, row: Claim): { lock: Pick<FoundLock, 'object'>; guard: Guard } {
  return { lock: { object: keyLock(row.loadKey) }, guard: claimUnmoved(engine, row) };
}
