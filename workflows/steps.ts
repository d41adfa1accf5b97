import { defineSearchAttributeKey } from '@temporalio/common';
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { activityOptions } from './activity-options';
import { tellStep } from './story';
import { counted, rowsOf } from './story-text';
import { contentOf } from './target-order';
import type {
  AuditedStage,
  AuditInput,
  BatchRef,
  GivenVerdict,
  HeldLoad,
  LoadActivities,
  LoadReceipt,
  LoadRequest,
  NominalInterval,
  OpenLoad,
  OpenLoadResult,
  StageRef,
} from './contract';
import type { Interval } from './interval';

/** Calls one activity with its frozen options and a summary that the Temporal UI shows beside it. */
function call<A extends keyof LoadActivities>(name: A, summary: string): LoadActivities[A] {
  return proxyActivities<LoadActivities>({ ...activityOptions[name], summary: summary.slice(0, 200) })[name];
}

/** Opens a load and tells which protocol the rest of it speaks. */
export function openLoad(requests: readonly (LoadRequest | null | undefined)[]): Promise<OpenLoadResult> {
  // Whether it is a request at all is for the activity to say.
  const into = requests.map((r) => r?.into).join(', ');
  const pipeline = requests[0]?.pipeline;
  const input = { requests: requests as readonly LoadRequest[], nominalTime: nominalTime() };
  return call('loadline.openLoad', pipeline === into ? `Open ${into}` : `Open ${pipeline} → ${into}`)(input);
}

/**
 * Claims the load key. Resolves to the receipt instead when this content is applied already.
 *
 * @throws `InvalidRequest`, `UnknownContract`, `TargetNotFound`, `SchemaMismatch`, `LedgerTooNew`, …
 */
export async function open(request: LoadRequest): Promise<OpenLoad | LoadReceipt> {
  const result = await openLoad([request]);
  return 'open' in result ? result.open : result.receipt;
}

/**
 * Lists, hashes and freezes the source of a target into a batch. Resolves to the receipt when this content is applied.
 *
 * @throws `NoFilesMatched`, `SourceNotFound`, `CorruptFile`, `MissingColumn`, `BatchChanged`, …
 */
export async function extract(open: OpenLoad, index = 0): Promise<BatchRef | LoadReceipt> {
  const target = open.targets[index];
  const from = target?.source.kind === 'files' ? `${target.source.store}:${target.source.glob}` : 'a written batch';
  tellStep(open, 'extract', from);
  const result = await call('loadline.extract', `Extract ${from}`)({ open, index });
  return 'batch' in result ? result.batch : result.receipt;
}

/**
 * Copies a batch into a stage of its own, invisible to readers.
 *
 * @throws `InvalidValue`, `RaggedRow`, `InvalidEncoding`, `SourceChanged`, …
 */
export function stage(open: OpenLoad, batch: BatchRef, index = 0): Promise<StageRef> {
  const files = `${batch.files} file${batch.files === 1 ? '' : 's'}, ${megabytes(batch.bytes)}`;
  tellStep(open, 'stage', files);
  return call('loadline.stage', `Stage ${files} for ${tableName(open, index)}`)({ open, index, batch });
}

/**
 * Evaluates the contract on a stage and takes its duplicates out.
 *
 * @throws `NullKey`, `NullValue`, `OutOfRange`, `NotUnique`, `ConflictingDuplicates`, `RowCount`, `StageLost`, …
 */
export function audit(open: OpenLoad, stage: StageRef): Promise<AuditedStage> {
  return auditing({ open, stage });
}

/** As {@link audit}, but what a person may overrule comes back as `held`, unless it is what was decided about before. */
export function auditOrHold(open: OpenLoad, stage: StageRef, verdict?: GivenVerdict): Promise<AuditedStage> {
  return auditing({ open, stage, holds: true, ...(verdict && { verdict }) });
}

function auditing(input: AuditInput): Promise<AuditedStage> {
  const { open, stage } = input;
  tellStep(open, 'audit', rowsOf(stage.rows));
  const contract = open.targets[stage.index]?.contract.name;
  return call('loadline.audit', `Audit ${rowsOf(stage.rows)} against contract ${contract}`)(input);
}

/** Keeps claim and stages of a load until somebody has decided about it. */
export function hold(open: OpenLoad, held: HeldLoad): Promise<void> {
  const checks = held.failed.flatMap((table) => table.checks.map(({ id }) => id));
  return call('loadline.hold', `Hold ${tableNames(open)}: ${checks.join(', ')}`)({ open, held });
}

/** Ends a held load without publishing anything. */
export function reject(open: OpenLoad, batches: readonly BatchRef[], verdict: GivenVerdict): Promise<LoadReceipt> {
  return call('loadline.reject', `Reject ${tableNames(open)}`)({ open, batches, verdict });
}

/**
 * Makes the stages of all targets visible in one transaction.
 *
 * @throws `Fenced`, `OutOfOrder`, `StageLost`, `SourceOverlap`, `SchemaMoved`, `EmptyPartition`, …
 */
export function publish(
  open: OpenLoad,
  stages: readonly [AuditedStage, ...AuditedStage[]],
  verdict?: GivenVerdict,
): Promise<LoadReceipt> {
  const bad = stages.reduce((sum, s) => sum + s.quarantined, 0);
  const rows = stages.reduce((sum, s) => sum + s.audited, 0) - bad;
  const tables = tableNames(open);
  tellStep(open, 'publish', tables);
  return call(
    'loadline.publish',
    `Publish ${rowsOf(rows)} to ${tables}${bad ? `, ${counted(bad)} quarantined` : ''}`,
  )({ open, stages, ...(verdict && { verdict }) });
}

/**
 * What the ledger says of the load: its receipt if this load, or another with the same content, is applied; else
 * `null`. Asks until the warehouse answers.
 */
export async function settle(open: OpenLoad, batches?: readonly BatchRef[]): Promise<LoadReceipt | null> {
  tellStep(open, 'settle', 'asking the ledger');
  const sha256 = batches ? contentOf(open.targets, batches) : null;
  return (await call('loadline.settle', 'Ask the ledger what became of the load')({ open, sha256 })).receipt;
}

/** Gives back the claim and the stages of a load that failed. */
export function discard(open: OpenLoad): Promise<void> {
  return call('loadline.discard', 'Give back the claim and the stage')({ open });
}

/**
 * The interval that this run is about: its scheduled time, or its start, floored to the grain in the zone. Computed
 * in an activity, because time zones change with Node releases and workflow code must not.
 *
 * @example
 * ```ts
 * const yesterday = await intervalOf({ grain: 'day', zone: 'Europe/Berlin', back: 1 });
 * ```
 */
export function intervalOf(nominal: NominalInterval): Promise<Interval> {
  return call(
    'loadline.intervalOf',
    `Interval: ${nominal.grain} in ${nominal.zone ?? 'UTC'}`,
  )({
    nominal,
    nominalTime: nominalTime(),
  });
}

const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

function nominalTime(): string {
  const info = workflowInfo();
  return (info.typedSearchAttributes.get(scheduledStart) ?? info.startTime).toISOString();
}

const tableName = (open: OpenLoad, index: number): string => open.targets[index]?.target ?? '?';

const tableNames = (open: OpenLoad): string => open.targets.map(({ target }) => target).join(', ');

function megabytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
