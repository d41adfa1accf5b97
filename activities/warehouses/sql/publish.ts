import { createHash } from 'node:crypto';
import { loadFailure } from '../../../workflows/load-error';
import type { GivenVerdict, LoadReceipt, OpenLoad, OpenTarget } from '../../../workflows/contract';
import { contentOf } from '../../../workflows/target-order';
import { adoptedAppend } from '../adopt-policy';
import { decidePublish } from '../claim-policy';
import { checkSet, inOpenOrder } from '../publish-policy';
import { keepsReplaced, receiptOf, targetsOf } from '../receipts';
import type { PublishStage, StepContext } from '../warehouse';
import { claimUnmoved, readClaim, type Claim } from './claims';
import { deciding, own, type Engine } from './engine';
import { noteFiles, filesNoted, takeFiles } from './incoming-files';
import { history, ledgerClock, notUndone, ownReceipt } from './ledger';
import { writeLedger } from './ledger-row';
import { keyLock, type FoundLock } from './locks';
import { decideMetrics } from './metrics-ledger';
import { GuardFailed, raw, sql, type Unit, type UnitStatement } from './port';
import {
  checkAgain,
  checkFiles,
  checkOrder,
  checkStages,
  checkTargets,
  stageLost,
  stageWhole,
  type Publish,
} from './publish-checks';
import { setAside } from './quarantine-rows';
import { broughtFor, checkRepairs, markRepaired } from './repairs';
import { newStage } from './stage';
import { decideWrite, keepDoomed, type TableWrite } from './write';

/** Reads until a decision is made, and acts on it in one unit that guards what was read. */
export function publishStages(
  engine: Engine,
  open: OpenLoad,
  stages: readonly PublishStage[],
  context: StepContext,
  verdict?: GivenVerdict,
): Promise<LoadReceipt> {
  checkSet(open, stages);
  const publish: Publish = { engine, open, stages: inOpenOrder(stages), context, verdict };
  return deciding(open.loadKey, () => attempt(publish)).catch((error: unknown) => {
    // The unit has found what was found whole a moment before.
    if (error instanceof GuardFailed && error.code === 'StageLost')
      throw stageLost(open, stages[0]!.audited, 'other rows');
    throw error;
  });
}

async function attempt(publish: Publish): Promise<LoadReceipt> {
  const { engine, open, context, verdict, stages } = publish;
  context.signal.throwIfAborted();
  // Locks first: whatever is read after them is guarded by them.
  const locks = await engine.locks.find([...new Set(targetsOf(open)), keyLock(open.loadKey)]);
  const targets = locks.slice(0, -1);
  const claim = await readClaim(engine, open.loadKey);
  if (decidePublish(claim ?? undefined, { ...open, held: verdict !== undefined }) === 'answer-applied')
    return answerApplied(publish);
  const versions = new Map(targets.map((t) => [t.object, t.version]));
  await checkStages(publish);
  await checkFiles(publish);
  await checkOrder(engine, open);
  await checkRepairs(publish);
  await checkTargets(publish);
  await checkAgain(publish, versions);
  const writes = await decideWrites(publish);
  const kept = await keepTables(publish, writes);
  const cost = await costOf(publish, writes, kept);
  const tables = writes.map((w) => w.receipt);
  const publishedAt = await ledgerClock(engine);
  const metrics = await decideMetrics(publish, claim!, tables, publishedAt);
  const receipt = { ...receiptOf(publish, tables, publishedAt, metrics.warnings), ...(cost && { cost }) };
  const token = await noteFiles(publish);
  await engine.backend.unit(
    {
      name: 'publish',
      id: unitId(open, claim!, locks),
      open,
      ...engine.locks.take(locks, targetsOf(open)),
      guards: [
        claimUnmoved(engine, claim!),
        ...targets.map((t) => engine.locks.unmoved(t, 'TargetMoved')),
        ...stages.map(({ audited }) => stageWhole(engine, audited)),
        ...filesNoted(publish, token),
        ...writes.flatMap((w) => w.guards),
      ],
      statements: statementsOf(publish, {
        writes,
        metrics: metrics.statements,
        kept,
        claim: claim!,
        receipt,
        versions,
        token,
      }),
    },
    { signal: context.signal, timeoutMs: engine.options.publishTimeoutMs, open },
  );
  return receipt;
}

/** What a unit of a publish is made of. */
interface Decided {
  readonly writes: readonly TableWrite[];
  readonly metrics: readonly UnitStatement[];
  readonly kept: readonly (string | null)[];
  readonly claim: Claim;
  readonly receipt: LoadReceipt;
  readonly versions: ReadonlyMap<string, number>;
  readonly token: string | null;
}

/** Last of all the ledger row, so that it proves everything before it. */
function statementsOf(publish: Publish, decided: Decided): UnitStatement[] {
  return [
    ...movingRows(publish, decided),
    ...markRepaired(publish),
    ...takeFiles(publish, decided.token),
    ...decided.metrics,
    ...writeLedger(publish, decided),
  ];
}

/** The statements that read stages and targets. */
function movingRows(publish: Publish, { writes, kept }: Pick<Decided, 'writes' | 'kept'>): UnitStatement[] {
  const { engine, open, stages } = publish;
  const keeping = writes.flatMap((write, i) => {
    const into = kept[i];
    return into ? [keepDoomed(engine, open.targets[stages[i]!.audited.index]!, into, write.doomed!)] : [];
  });
  return [...keeping, ...writes.flatMap((w) => w.statements), ...setAside(publish)];
}

/** Asked before the receipt is written, which is part of the publish. */
async function costOf(
  publish: Publish,
  writes: readonly TableWrite[],
  kept: Decided['kept'],
): Promise<LoadReceipt['cost'] | null> {
  const { engine, open, context } = publish;
  const planned = {
    name: 'publish',
    open,
    guards: writes.flatMap((w) => w.guards),
    statements: movingRows(publish, { writes, kept }),
  };
  return (await engine.backend.estimate?.(planned, { signal: context.signal, open })) ?? null;
}

/** Equal for two attempts that have read the same, and would do the same. */
function unitId(open: OpenLoad, claim: Claim, locks: readonly FoundLock[]): Unit['id'] {
  const read = JSON.stringify([open.loadId, open.fence, claim.seq, locks.map((l) => [l.object, l.taken])]);
  return `publish-${open.loadId}-${open.fence}-${createHash('sha256').update(read).digest('hex').slice(0, 12)}`;
}

/** The applied load may be another's with other content: then this one is late, and has not been loaded. */
async function answerApplied({ engine, open, stages, context }: Publish): Promise<LoadReceipt> {
  const sha256 = contentOf(
    open.targets,
    stages.map((s) => s.audited.batch),
  );
  const receipt = await ownReceipt(engine, open, sha256, context.actor);
  if (receipt) return receipt;
  throw loadFailure('Fenced', {
    object: open.loadKey,
    loadKey: open.loadKey,
    got: 'a load of other content under this key',
  });
}

async function decideWrites(publish: Publish): Promise<TableWrite[]> {
  const { engine, open, stages, context } = publish;
  const superseded = open.identity === 'interval' ? await earlierGenerations(engine, open) : [];
  const writes: TableWrite[] = [];
  for (const { audited } of stages) {
    const target = open.targets[audited.index]!;
    context.progress({ step: 'publish', rows: audited.audited, detail: target.target });
    if (target.mode === 'append' && superseded.some((s) => s.adopted)) throw adoptedAppend(open.loadKey, target.target);
    const loadIds = superseded.map((s) => s.loadId);
    writes.push(await decideWrite({ engine, open, target, stage: audited, superseded: loadIds, context }));
  }
  return writes;
}

/** The generations that this one takes the place of. */
async function earlierGenerations(engine: Engine, open: OpenLoad): Promise<{ loadId: string; adopted: boolean }[]> {
  const rows = await engine.backend.rows<{ load_id: string; adopted: unknown }>(
    'publish',
    sql`SELECT l.${own(engine, 'load_id')} AS ${own(engine, 'load_id')}, CASE WHEN l.${own(engine, 'adopted')} THEN 1 ELSE 0 END AS ${own(engine, 'adopted')}
        FROM ${history(engine)} l WHERE l.${own(engine, 'load_key')} = ${open.loadKey}
          AND l.${own(engine, 'generation')} < ${raw(String(open.generation))} AND ${raw(notUndone(engine, 'l'))}`,
  );
  const earlier = rows.map((r) => ({ loadId: r.load_id, adopted: Number(r.adopted) === 1 }));
  if (!earlier.length) return earlier;
  // With the rows that they had set aside, if other loads have brought those.
  const brought = await broughtFor(
    engine,
    earlier.map((e) => e.loadId),
  );
  return [...earlier, ...brought.map((loadId) => ({ loadId, adopted: false }))];
}

/** Makes the tables that keep rows which go, before the unit: it defines nothing. */
async function keepTables(publish: Publish, writes: readonly TableWrite[]): Promise<(string | null)[]> {
  const { engine, open, stages, context } = publish;
  const kept: (string | null)[] = [];
  for (const [i, { doomed }] of writes.entries()) {
    const target: OpenTarget = open.targets[stages[i]!.audited.index]!;
    if (doomed === null || !keepsReplaced(target)) {
      kept.push(null);
      continue;
    }
    const table = await newStage(engine, open, stages[i]!.audited.index, context);
    await engine.backend.run(
      'keep',
      sql`CREATE TABLE ${raw(table)} AS SELECT * FROM ${raw(engine.dialect.relation(target.target))} WHERE FALSE`,
    );
    kept.push(table);
  }
  return kept;
}
