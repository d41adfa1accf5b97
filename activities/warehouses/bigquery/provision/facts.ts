import type { FoundObject } from '../../provisioning/found';
import type { WantedTarget } from '../../provisioning/targets';
import type { LedgerNames } from '../../sql/ledger-schema';
import type { FoundLedger } from '../../sql/provision/make-steps';
import type { NamedTarget } from '../../sql/provision/targets';
import type { DatasetResource } from '../api';

/** A dataset, and who may do what in it. */
export type FoundDataset = FoundObject & { readonly resource: DatasetResource };

/** A table of a contract, found or not, and its lock. */
export type FoundTarget = WantedTarget & NamedTarget & { readonly lock: true | null };

/** Everything that a plan is made of. */
export interface Facts extends FoundLedger<FoundTarget> {
  /** By name: those of ledger, stages and tables, where they are there. */
  readonly datasets: ReadonlyMap<string, FoundDataset>;
  readonly ledger: ReadonlyMap<keyof LedgerNames, true>;
  readonly targets: readonly FoundTarget[];
}

/** What a project shall have besides. */
export interface Asked {
  /** `null`: tables of the stage dataset do not expire. */
  readonly stageExpirationMs: number | null;
}
