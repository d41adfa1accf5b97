import type { FoundObject } from '../../provisioning/found';
import type { WantedTarget } from '../../provisioning/targets';
import type { LedgerNames } from '../../sql/ledger-schema';
import type { NamedTarget } from '../../sql/provision/targets';
import type { FoundLedger } from '../../sql/provision/make-steps';

/** A role that the plan is about. */
export interface FoundRole {
  /** Users and roles that have it. */
  readonly users: readonly string[];
  readonly roles: readonly string[];
  /** Roles whose rights it has besides its own. */
  readonly memberOf: readonly string[];
  /** Its rights of the account, such as MANAGE GRANTS. */
  readonly ofAccount: readonly string[];
}

/** A table of a contract, found or not, and its lock. */
export type FoundTarget = WantedTarget & NamedTarget & { readonly lock: FoundObject | null };

/** Everything that a plan is made of. Of things whose owner does not show them it is as if they were not there. */
export interface Facts extends FoundLedger<FoundTarget> {
  /** The role that provisions. */
  readonly admin: string;
  readonly database: FoundObject | null;
  /** The virtual warehouse of workers; `null`: none is named, or it is not there. */
  readonly warehouse: FoundObject | null;
  /** Those of the wanted roles that exist. */
  readonly roles: ReadonlyMap<string, FoundRole>;
  /** The user that workers log in as, as it is stored; `null`: there is none. */
  readonly user: string | null;
  readonly ledgerSchema: FoundObject | null;
  readonly stageSchema: FoundObject | null;
  /** The internal stage. */
  readonly stage: FoundObject | null;
  readonly ledger: ReadonlyMap<keyof LedgerNames, FoundObject>;
  readonly targets: readonly FoundTarget[];
}

/** Who workers are, which the plan is made for. */
export interface Workers {
  readonly user: string;
  /** `null`: the user's own. */
  readonly role: string | null;
  readonly warehouse: string | null;
}
