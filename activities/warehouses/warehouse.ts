import type {
  ArchiveLimits,
  ArchiveResult,
  AuditedStage,
  BatchRef,
  CanaryTable,
  GivenVerdict,
  HeldLoad,
  LoadReceipt,
  OpenLoad,
  OpenTarget,
  LoadMode,
  StageRef,
  TargetColumn,
} from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import type { LoadMetrics } from '../quality/load-metrics';
import type { Manifest, ManifestFile } from '../sources/manifest';
import type { Store } from '../stores/store';
import type { QuarantineDesk } from './quarantine';
import type { AuditAsked } from './verdict-policy';

/** What a warehouse can do. The core reads this and never asks which warehouse it is. */
export interface WarehouseCapabilities {
  readonly name: string;
  readonly proof: 'real' | 'stand-in' | 'documented';
  /** Whether the warehouse itself refuses a second row with one key. */
  readonly enforcesKeys: boolean;
  /**
   * What is not there, or cannot be shown where the adapter is tested, each with why. The conformance suite demands
   * everything that is not named here.
   *
   * @default {} everything is there
   */
  readonly without?: Partial<Readonly<Record<WarehouseFeature, string>>>;
}

/** Where the conformance suite stops, or ends, an attempt: the statement that does this. */
export type ProtocolPoint = 'copy' | 'lock' | 'write' | 'ledger' | 'commit';

/**
 * What a warehouse may be without: an operation (`rollback`, `archive`, `hold`, `quarantine`, `quarantine desk` for rows that
 * were set aside, `sets`, `dedup` over a window, `anomalies`, `metrics`, `canary`, `provision`), a type of a contract (`type time`, `type decimal(38,18)`), or a means of its tests: `snapshot` reads several tables as of one moment, `processes` opens
 * the warehouse in a second process, `sessions` counts sessions, `stop at lock` stops at that statement.
 */
export type WarehouseFeature =
  | 'rollback'
  | 'archive'
  | 'hold'
  | 'quarantine'
  | 'quarantine desk'
  | 'sets'
  | 'dedup'
  | 'anomalies'
  | 'metrics'
  | 'canary'
  | 'provision'
  | 'snapshot'
  | 'processes'
  | 'sessions'
  | `type ${string}`
  | `stop at ${ProtocolPoint}`;

/** Who acts: recorded with claims and ledger rows. */
export interface Actor {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  /** The server's time at which the activity was scheduled: orders attempts of one workflow. */
  readonly scheduledAtMs: number;
  readonly attempt: number;
  readonly buildId: string;
}

/** Sign of life and stop signal of a long step. */
export interface StepContext {
  readonly actor: Actor;
  readonly signal: AbortSignal;
  /** Tells how far the step is; shown by `loadline run`. */
  progress(done: StepProgress): void;
}

/** How far a step is. */
export interface StepProgress {
  readonly step: 'extract' | 'stage' | 'audit' | 'publish';
  readonly rows?: number;
  readonly bytes?: number;
  readonly totalBytes?: number;
  readonly detail?: string;
}

/** A target as the catalogue has it. */
export interface ResolvedTarget {
  /** `database.schema.table`, each part percent-encoded where it holds a dot or a percent sign. */
  readonly target: string;
  /** `null` when the table does not exist. */
  readonly columns: readonly TargetColumn[] | null;
}

/** A request to claim a load key. */
export interface ClaimRequest {
  readonly loadKey: string;
  readonly pipeline: string;
  readonly targets: readonly string[];
  readonly identity: OpenLoad['identity'];
  /** `null`: must be hashed. */
  readonly sourceIdentity: string | null;
  readonly onChanged: 'refuse' | 'reprocess';
  readonly actor: Actor;
}
/** A claimed generation and its fence, or the receipt of the applied load. */
export type ClaimResult =
  { readonly generation: number; readonly fence: number; readonly loadId: string } | { readonly receipt: LoadReceipt };

/** One row of `loads list`: a load key and the state of its newest generation. */
export interface LoadSummary {
  readonly loadKey: string;
  readonly pipeline: string;
  readonly targets: readonly string[];
  readonly state: 'open' | 'held' | 'applied' | 'rejected' | 'rolled-back';
  readonly generation: number;
  readonly fence: number;
  readonly workflowId: string | null;
  readonly runId: string | null;
  /** ISO 8601, warehouse clock. */
  readonly claimedAt: string;
  readonly renewedAt: string;
  readonly live: boolean;
  /** Whether what is applied was adopted: Loadline did not load it. */
  readonly adopted: boolean;
}
/** Which loads. */
export interface LoadFilter {
  readonly pipeline?: string;
  readonly target?: string;
  readonly state?: LoadSummary['state'];
  readonly limit: number;
}
/** Of which loads of a table there shall be metrics. */
export interface MetricsFilter {
  /** The catalogue identity, or the end of it. */
  readonly table: string;
  readonly limit: number;
  /**
   * This load, undone or not, and what it is compared with: the loads of its pipeline before it in time. Without it: the
   * last loads of the table.
   */
  readonly upTo?: Pick<LoadMetrics, 'pipeline' | 'loadKey' | 'at'> & { readonly loadId?: string };
}
/** One load key with every receipt that the ledger holds, newest first. */
export interface LoadDetails extends LoadSummary {
  readonly receipts: readonly LoadReceipt[];
  /** How loads of this key were rolled back, newest first. */
  readonly rollbacks: readonly RollbackReceipt[];
  /** Loads of this key that were rejected, newest first. */
  readonly rejections: readonly LoadReceipt[];
  /** What the load is held for, while it is. */
  readonly held: HeldLoad | null;
  readonly stages: readonly string[];
}

/** Who does something to the ledger by hand, and why: kept with it for ever. */
export interface SignedBy {
  readonly by: string;
  readonly reason: string;
}

/** What is recorded as applied although Loadline did not load it. */
export interface AdoptionRequest {
  readonly protocol: number;
  readonly loadKey: string;
  readonly pipeline: string;
  readonly identity: OpenLoad['identity'];
  readonly interval?: OpenLoad['interval'];
  readonly targets: readonly OpenTarget[];
  /** Per target. */
  readonly batches: readonly AdoptedBatch[];
  /** `null`: must be hashed. */
  readonly sourceIdentity: string | null;
  readonly actor: Actor;
  readonly by: SignedBy;
}
/** The content that a table holds; without a manifest nobody knows what it is. */
export interface AdoptedBatch {
  readonly batch: BatchRef;
  readonly manifest: Manifest | null;
}

/** What a rollback did to one table, in rows. */
export interface RolledBackTable {
  /** Catalogue identity of the table. */
  readonly table: string;
  readonly mode: LoadMode;
  /** Rows of the load that went. */
  readonly deleted: number;
  /** Rows that the load had taken away, and that came back. */
  readonly restored: number;
}

/** How a load was rolled back. Equal whenever it is asked for again, but for `outcome`. */
export interface RollbackReceipt extends SignedBy {
  readonly outcome: 'rolled-back' | 'already-rolled-back';
  /** Of the load that was rolled back. */
  readonly loadId: string;
  readonly loadKey: string;
  readonly pipeline: string;
  readonly generation: number;
  /** The fence that the rollback took. */
  readonly fence: number;
  readonly tables: readonly RolledBackTable[];
  /** Files that may be loaded again. */
  readonly files: number;
  /** The warehouse's clock, ISO 8601 in UTC. */
  readonly at: string;
}

/** What would happen: the dry run of one target. */
export interface TargetPlan {
  readonly target: string;
  readonly exists: boolean;
  readonly mode: LoadMode;
  readonly sql: readonly string[];
  /** What would make such loads faster, as sentences. */
  readonly hints: readonly string[];
}

/** A right, a version or a setting that was looked at, for `loadline doctor`. */
export interface HealthFinding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** Told when it is missing, and not wrong. */
  readonly optional?: boolean;
  readonly remedy?: string;
  /** Puts it right, where that is safe. */
  readonly fix?: () => Promise<void>;
}

/** A file as it was at one time. */
export type FileVersion = Pick<ManifestFile, 'fileId' | 'sha256'>;

/** What was held of one target; without a manifest where the worker has lost it. */
export interface RejectedBatch {
  readonly batch: BatchRef;
  readonly manifest: Manifest | null;
}

/** Operations on one warehouse. Every method may be repeated; DESIGN: the publish protocol. */
export interface Warehouse {
  readonly name: string;
  readonly capabilities: WarehouseCapabilities;
  /** How long a claim stays without a sign of life. */
  readonly claimLeaseMs: number;

  /** Makes or migrates the ledger. @throws `LedgerTooNew`, `PermissionDenied` */
  prepare(): Promise<void>;
  /** Finds the target in the catalogue and compares it with its contract. @throws `TargetNotFound` unless the contract may create it, `TargetNotATable`, `SchemaMismatch` */
  resolveTarget(contract: TableContract, mode: LoadMode): Promise<ResolvedTarget & { reversible: boolean }>;
  /** Takes the next fence of a load key. @throws `LoadInProgress`, `Fenced`, `Rejected`, `RolledBack` */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /** Extends the claim's lease. Resolves to false when the fence is no longer the key's newest. */
  renew(open: OpenLoad): Promise<boolean>;
  /** Which of these files are loaded into the target already. */
  filesLoaded(target: string, fileIds: readonly string[]): Promise<Map<string, { loadId: string; sha256: string }>>;
  /** The ids of those of these files that were rejected for the target, with this content. */
  filesRejected(target: string, files: readonly FileVersion[]): Promise<Set<string>>;
  /** The load ids of files that are loaded into the target already, by `ListedFile.identity`; `null` of rejected ones. */
  identitiesKnown(target: string, identities: readonly string[]): Promise<Map<string, string | null>>;
  /** The newest applied receipt of a load key. */
  applied(loadKey: string): Promise<LoadReceipt | null>;
  /** What the applied source was, by `ClaimRequest.sourceIdentity`; `null` where it is not known. */
  appliedIdentity(loadKey: string): Promise<string | null>;
  /** A receipt by its load id. */
  receipt(loadId: string): Promise<LoadReceipt | null>;
  /** Gives the claim back unused, because the content is what is applied already. */
  release(open: OpenLoad, sourceIdentity: string | null): Promise<void>;

  /** Copies a batch into a new stage. */
  stage(
    open: OpenLoad,
    index: number,
    batch: StageBatch,
    context: StepContext,
  ): Promise<{ stage: string; rows: number }>;
  /** Evaluates the contract on a stage and removes its duplicates. */
  audit(open: OpenLoad, stage: StageRef, context: StepContext, asked?: AuditAsked): Promise<AuditedStage>;
  /** Keeps the claim and the stages of a load until there is a verdict, and notes what it is held for. @throws `Fenced` */
  hold(open: OpenLoad, held: HeldLoad): Promise<void>;
  /** Ends a held load: no attempt of it can publish any more, and its stages go. @throws `Fenced` */
  reject(open: OpenLoad, batches: readonly RejectedBatch[], verdict: GivenVerdict, actor: Actor): Promise<LoadReceipt>;
  /**
   * The one transaction. A load that was held is published under its verdict.
   *
   * @throws `StageLost`, `SourceOverlap`, `Fenced`, `OutOfOrder`, `CommitOutcomeUnknown` …
   */
  publish(
    open: OpenLoad,
    stages: readonly PublishStage[],
    context: StepContext,
    verdict?: GivenVerdict,
  ): Promise<LoadReceipt>;
  /** The receipt of this load, or of another with the same content under its key. Reads only. */
  settle(open: OpenLoad, sha256: string | null, actor: Actor): Promise<LoadReceipt | null>;
  /** Gives back the claim and drops the stages of a load that failed. */
  discard(open: OpenLoad): Promise<void>;

  /** Load keys and their state, the last claimed first. */
  list(filter: LoadFilter): Promise<LoadSummary[]>;
  /** One load key, by itself or by the id of one of its loads. @throws `LoadNotFound` */
  show(loadKeyOrId: string): Promise<LoadDetails>;
  /** Takes a fence, so that no attempt of the load can publish any more. @throws `LoadStillApplied`, `LoadNotFound` */
  abandon(loadKey: string): Promise<void>;
  /**
   * Undoes an applied load: every table holds afterwards exactly what it held before, or nothing is changed. The load key
   * stays closed until a load asks for it with `onChanged: 'reprocess'`. Asked again, it answers how it was rolled back.
   *
   * @throws `NotReversible` where that cannot be, as after `merge`, when the rows that it replaced are not kept, or when a
   *   later load has built on it; `LoadInProgress`, `LoadNotApplied`, `LoadNotFound`, `CommitOutcomeUnknown`
   */
  rollback(loadKeyOrId: string, by: SignedBy): Promise<RollbackReceipt>;
  /**
   * Records a load as applied whose rows are in the tables, and touches none of them.
   *
   * @throws `LoadApplied`, `LoadInProgress`, `SourceOverlap`, `CommitOutcomeUnknown`
   */
  adopt(request: AdoptionRequest): Promise<LoadReceipt>;
  /** Drops stages that no load can need. `closed` tells whether Temporal reports the workflow run as ended. */
  sweep(closed: (workflowId: string, runId: string) => Promise<boolean>): Promise<string[]>;
  /**
   * Moves old receipts of keys that nobody is loading out of the ledger into its archive. Nothing is forgotten: every
   * decision and every answer is the same before and after. Deletes only what the limits name.
   */
  archive(limits: ArchiveLimits, options?: { dryRun?: boolean; signal?: AbortSignal }): Promise<ArchiveResult>;
  /** What to do with rows that were set aside. */
  readonly quarantine: QuarantineDesk;
  /** The statements that a load of this target would run, and nothing else. */
  plan(target: OpenTarget): Promise<TargetPlan>;
  /** The metrics of a table's loads, oldest first. */
  metrics(filter: MetricsFilter): Promise<LoadMetrics[]>;
  /** The claim of a load key, or `null`. */
  summary(loadKey: string): Promise<LoadSummary | null>;
  /** Rights, versions and settings, for `loadline doctor`. */
  health(): Promise<HealthFinding[]>;
  /** The same database with tables, ledger and stages of their own: for a canary, whose loads reach nothing else. */
  scratch(canary: string): ScratchWarehouse;
  /** Ends every session. */
  close(): Promise<void>;
}

/** A warehouse whose tables nobody reads, and that is removed as a whole. */
export interface ScratchWarehouse extends Warehouse {
  /** The same contract, of a scratch table that is made when it is missing. */
  contract(contract: TableContract): TableContract;
  /** Every scratch table with its content, as a count and a hash. */
  tables(signal: AbortSignal): Promise<CanaryTable[]>;
  /** Removes tables, ledger and stages. */
  remove(): Promise<void>;
}

/** A batch with what is needed to read it. */
export interface StageBatch {
  readonly store: Store;
  readonly manifest: Manifest;
}
/** An audited stage with its batch's manifest. */
export interface PublishStage {
  readonly audited: AuditedStage;
  readonly manifest: Manifest;
}
