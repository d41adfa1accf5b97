/**
 * The words of Loadline, and the contract between workflows and activities.
 *
 * - *pipeline*: a user's named workflow.
 * - *load*: one target (or one set of targets), one interval, one load key.
 * - *batch*: an immutable set of files with a manifest (paths, bytes, row counts, sha256, schema).
 * - *stage*: the batch inside the warehouse, invisible to readers.
 * - *audit*: the contract evaluated on the stage.
 * - *publish*: the one transaction that makes the stage visible.
 * - *receipt*: what a load did.
 * - *ledger*: the insert-only table of receipts, in the target's database, written in the publish transaction.
 * - *fence*: the number that stops a late attempt.
 * - *hold*: a load whose contract failed waits, staged and claimed, for a person's *verdict*.
 * - *generation*: the n-th content under one load key.
 * - *quarantine*: rows set aside with a reason.
 * - *contract*: a table's schema, key and expectations.
 *
 * @module
 */
import type { CanaryStepInput, InspectCanaryResult, WriteCanaryResult } from './canary-run';
import type { Interval } from './interval';
import type { LoadRequest, NominalInterval } from './load-request';
import type { RetryQuarantineInput, WriteQuarantinedResult } from './quarantine';
import type { LoadReceipt } from './receipt';
import type { AuditedStage, BatchRef, OpenLoad, StageRef } from './step-data';
import type { SweepInput, SweepResult } from './sweeping';
import type { GivenVerdict, HeldLoad } from './verdict';

export type {
  CanaryInput,
  CanaryLoad,
  CanaryResult,
  CanaryRun,
  CanaryStepInput,
  CanaryTable,
  InspectCanaryResult,
  WriteCanaryResult,
} from './canary-run';
export type * from './load-request';
export type * from './quarantine';
export type * from './receipt';
export type * from './step-data';
export type * from './sweeping';
export type {
  FailedCheck,
  FailedTable,
  GivenVerdict,
  HeldLoad,
  HeldStage,
  ImpossibleVerdicts,
  LoadVerdict,
  VerdictInput,
} from './verdict';

// What workflows ask of activities. Names are frozen; one object in, one object out.

/** Input of `loadline.openLoad`. */
export interface OpenLoadInput {
  readonly requests: readonly LoadRequest[];
  /** The run's nominal time, for {@link NominalInterval}: ISO 8601. */
  readonly nominalTime: string;
}
/** Result of `loadline.openLoad`. Recorded in history: later workflow code interprets `protocol`. */
export type OpenLoadResult = {
  readonly protocol: number;
  /** Whether the namespace has Loadline's search attributes; upserting an unregistered one blocks a workflow. */
  readonly searchAttributes: boolean;
} & ({ readonly open: OpenLoad } | { readonly receipt: LoadReceipt });

/** Input of `loadline.extract`. */
export interface ExtractInput {
  readonly open: OpenLoad;
  readonly index: number;
}
/** Result of `loadline.extract`: a batch, or the receipt of the load that already applied this content. */
export type ExtractResult = { readonly batch: BatchRef } | { readonly receipt: LoadReceipt };

/** Input of `loadline.stage`. */
export interface StageInput {
  readonly open: OpenLoad;
  readonly index: number;
  readonly batch: BatchRef;
}
/** Input of `loadline.audit`. */
export interface AuditInput {
  readonly open: OpenLoad;
  readonly stage: StageRef;
  /** Whether the run waits for a verdict where checks fail. @default false: the load fails at once */
  readonly holds?: boolean;
  /** What was decided about this load before. */
  readonly verdict?: GivenVerdict;
}
/** Input of `loadline.publish`. */
export interface PublishInput {
  readonly open: OpenLoad;
  readonly stages: readonly AuditedStage[];
  /** Of a load that was held. */
  readonly verdict?: GivenVerdict;
}
/** Input of `loadline.hold`. */
export interface HoldInput {
  readonly open: OpenLoad;
  readonly held: HeldLoad;
}
/** Input of `loadline.reject`. */
export interface RejectInput {
  readonly open: OpenLoad;
  readonly batches: readonly BatchRef[];
  readonly verdict: GivenVerdict;
}
/** Input of `loadline.settle`. */
export interface SettleInput {
  readonly open: OpenLoad;
  /** What the load set out to publish; `null` before it was extracted. */
  readonly sha256: string | null;
}
/** Input of `loadline.discard`. */
export interface DiscardInput {
  readonly open: OpenLoad;
}
/** Result of `loadline.settle`: what the ledger says of the load key. */
export interface SettleResult {
  readonly receipt: LoadReceipt | null;
}

/** Input of `loadline.intervalOf`. */
export interface IntervalOfInput {
  readonly nominal: NominalInterval;
  /** ISO 8601. */
  readonly nominalTime: string;
}

/** The activities that workflows call, by their frozen names. */
export interface LoadActivities {
  /** Claims the load key: fence, protocol number, target columns; or answers at once with a receipt. */
  'loadline.openLoad'(input: OpenLoadInput): Promise<OpenLoadResult>;
  /** Lists, hashes and freezes the source into a batch. */
  'loadline.extract'(input: ExtractInput): Promise<ExtractResult>;
  /** Copies a batch into a stage of its own. */
  'loadline.stage'(input: StageInput): Promise<StageRef>;
  /** Evaluates the contract on a stage. */
  'loadline.audit'(input: AuditInput): Promise<AuditedStage>;
  /** Makes stages visible in one transaction. */
  'loadline.publish'(input: PublishInput): Promise<LoadReceipt>;
  /** Keeps claim and stages of a load that waits for a verdict, however long. */
  'loadline.hold'(input: HoldInput): Promise<void>;
  /** Ends a held load without publishing: its key stays closed until a load asks to reprocess it. */
  'loadline.reject'(input: RejectInput): Promise<LoadReceipt>;
  /** Asks the ledger, read-only, what became of a load. */
  'loadline.settle'(input: SettleInput): Promise<SettleResult>;
  /** Gives back the claim and the stages of a load that failed. */
  'loadline.discard'(input: DiscardInput): Promise<void>;
  /** Floors a nominal time to an interval in a zone. */
  'loadline.intervalOf'(input: IntervalOfInput): Promise<Interval>;
  /** Drops what no load can need, in every warehouse of the worker. */
  'loadline.sweep'(input: SweepInput): Promise<SweepResult>;
  /** Writes rows that were set aside into a batch, and names the load that brings them. */
  'loadline.writeQuarantined'(input: RetryQuarantineInput): Promise<WriteQuarantinedResult>;
  /** Writes the rows of the built-in canary into a batch for each warehouse, and names the loads that bring them. */
  'loadline.writeCanary'(input: CanaryStepInput): Promise<WriteCanaryResult>;
  /** Counts and hashes the scratch tables of the canary that it runs in. */
  'loadline.inspectCanary'(input: CanaryStepInput): Promise<InspectCanaryResult>;
  /** Drops the scratch tables of the canary that it runs in, and what the ledger knew of them. */
  'loadline.removeCanary'(input: CanaryStepInput): Promise<void>;
}
