import type { Verdict } from './checks';
import type { Interval } from './interval';
import type { LoadMode, Source } from './load-request';
import type { LoadWarning } from './receipt';
import type { TableContract } from './table-contract';
import type { FailedCheck, HeldStage } from './verdict';

declare const brand: unique symbol;
/** A value of type `T` that only the step named `B` can make. */
export type Branded<T, B extends string> = T & { readonly [brand]: B };

/** A column of the target as the warehouse stores it. */
export interface TargetColumn {
  readonly name: string;
  /** The warehouse's own name of the type, usable in DDL. */
  readonly type: string;
  readonly nullable: boolean;
}

/** A half-open range of partition-column values. */
export interface PartitionRange {
  readonly start: string;
  readonly end: string;
}

/** {@link DedupOptions} as the steps use them. */
export interface ResolvedDedup {
  readonly by: readonly string[];
  readonly time: string;
  readonly windowMs: number;
}

/** One target of an open load, with everything the later steps need, so that a deploy between them changes nothing. */
export interface OpenTarget {
  readonly warehouse: string;
  /** Catalogue identity `database.schema.table` as stored, each part percent-encoded where needed. */
  readonly target: string;
  readonly contract: TableContract;
  readonly mode: LoadMode;
  readonly source: Source;
  readonly partitions?: readonly PartitionRange[];
  readonly dedup?: ResolvedDedup;
  readonly outOfOrder: 'refuse' | 'allow';
  readonly allowEmpty: boolean;
  /** The target's columns; `null` when the table does not exist yet and the contract may create it. */
  readonly columns: readonly TargetColumn[] | null;
  readonly reversible: boolean;
}

/** What decides that content is the same: the interval's key, each file, or the whole content. */
export type LoadIdentity = 'interval' | 'files' | 'content';

/** The plain fields of {@link OpenLoad}. */
export interface OpenLoadFields {
  readonly protocol: number;
  readonly loadKey: string;
  readonly loadId: string;
  readonly pipeline: string;
  readonly generation: number;
  readonly fence: number;
  readonly identity: LoadIdentity;
  readonly interval?: Interval;
  readonly onChanged: 'refuse' | 'reprocess';
  readonly targets: readonly OpenTarget[];
}
/** A claimed load key. Made by the step `open`. */
export type OpenLoad = Branded<OpenLoadFields, 'OpenLoad'>;

/** The plain fields of {@link BatchRef}. */
export interface BatchRefFields {
  readonly kind: 'batch';
  /** The store that holds the files. */
  readonly store: string;
  /** Where the manifest is, for the store. The list of files never passes through workflow history. */
  readonly manifest: string;
  /** sha256 over the content of all files: equal content, equal hash. */
  readonly sha256: string;
  readonly files: number;
  /** Files that were left out, because they are loaded already, are rejected, or equal another of the batch. */
  readonly filesSkipped: number;
  /** How many of these are left out because a held load of them was rejected. */
  readonly filesRejected?: number;
  readonly bytes: number;
  /** Rows, where the format tells without reading everything; else `null`. */
  readonly rows: number | null;
  /** Whether it brings rows that were set aside: what is expected of a batch as a whole is not expected of them. */
  readonly repairs?: true;
}
/** A reference to an immutable batch. Made by the step `extract` or by `writeBatch`. */
export type BatchRef = Branded<BatchRefFields, 'BatchRef'>;

/** The plain fields of {@link StageRef}. */
export interface StageRefFields {
  /** Index of the target in {@link OpenLoadFields.targets}. */
  readonly index: number;
  /** The stage's name in the warehouse, quoted for use in SQL. */
  readonly stage: string;
  /** Rows in the stage. */
  readonly rows: number;
  readonly batch: BatchRef;
}
/** A batch inside the warehouse, invisible to readers. Made by the step `stage`. */
export type StageRef = Branded<StageRefFields, 'StageRef'>;

/** The plain fields of {@link AuditedStage}. */
export interface AuditedStageFields extends StageRefFields {
  /** Rows in the stage that publish will find: staged rows less duplicates. */
  readonly audited: number;
  readonly duplicates: number;
  /** Rows that publish sets aside. */
  readonly quarantined: number;
  /** How often the target had been published to when it was audited. */
  readonly targetVersion: number;
  readonly warnings: readonly LoadWarning[];
  /** What the contract's checks say of the batch. */
  readonly verdicts?: readonly Verdict[];
  /** How often the tables that the contract refers to had been published to, where Loadline publishes to them. */
  readonly referenceVersions?: Readonly<Record<string, number>>;
  /** Why it waits for a verdict. Counts are then those of a `quarantine`. */
  readonly held?: HeldStage;
  /** Checks that failed and that a verdict has overruled. */
  readonly overruled?: readonly FailedCheck[];
}
/** A stage that passed its contract, or was held by it. Made by the step `audit`; the only thing `publish` accepts. */
export type AuditedStage = Branded<AuditedStageFields, 'AuditedStage'>;
