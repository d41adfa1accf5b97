import type { TableContract } from '../../workflows/table-contract';

/**
 * What Loadline needs in a warehouse, as a difference from what is there: made by an administrator, so that a worker needs
 * no right to make it. Each warehouse brings a {@link Provisioner}; nothing here knows which.
 *
 * @module
 */

/** The roles of a warehouse, by what they are for. `null`: none. */
export interface ProvisionRoleNames {
  readonly loader: string;
  readonly reader: string | null;
  readonly sweeper: string | null;
  /** Owns the ledger; `null`: whoever provisions. */
  readonly owner: string | null;
}

/** A contract whose table loads write. */
export interface WantedTable {
  readonly contract: TableContract;
  /** Whether loads are known to append to it: a table that is made then has the column that makes them reversible. */
  readonly appends: boolean;
}

/** What a warehouse shall have. */
export interface WantedProvision {
  readonly roles: ProvisionRoleNames;
  /** Whether roles that are made may log in. Never with a password. */
  readonly login: boolean;
  /** Whether the loader may make schemas, for the canary of a deploy. */
  readonly canary: boolean;
  readonly tables: readonly WantedTable[];
  /** Whether missing tables of contracts with `create: 'if-missing'` are made. */
  readonly makeTables: boolean;
}

/** One change, as it would be or was made. */
export interface ProvisionStep {
  /** What is changed, such as `role loadline_loader` or `table _loadline.ledger`. */
  readonly object: string;
  readonly change: 'create' | 'grant' | 'revoke' | 'alter';
  /** Whose rights change; `null` where nobody's do. */
  readonly role: string | null;
  /** The statements, complete. */
  readonly sql: readonly string[];
  readonly reason: string;
  /** Whether it takes away what this configuration has not given: made only with `prune`. */
  readonly prunes: boolean;
}

/** Something that no step changes and a person should know, with what to do. */
export interface ProvisionNote {
  readonly object: string;
  readonly found: string;
  readonly remedy: string;
  /** Whether nothing can be applied until it is done. */
  readonly blocks: boolean;
}

/** How a warehouse differs from what is wanted. */
export interface ProvisionPlan {
  readonly warehouse: string;
  /** The role that provisions. */
  readonly admin: string;
  /** The place, without a secret. */
  readonly database: string;
  readonly steps: readonly ProvisionStep[];
  readonly notes: readonly ProvisionNote[];
  /** Whether there is any step. */
  readonly drift: boolean;
}

/** What was done, and what is left. */
export interface AppliedProvision extends ProvisionPlan {
  /** In order; all of them or, on an error, none where the warehouse can undo them. */
  readonly applied: readonly ProvisionStep[];
}

/** Compares a warehouse with what is wanted, and makes it so. With an administrator's connection of its own. */
export interface Provisioner {
  /** Reads only. @throws `LedgerTooNew`, `PermissionDenied` */
  plan(wanted: WantedProvision): Promise<ProvisionPlan>;
  /**
   * Makes every step that takes nothing away; with `prune` the others too. Looks again before it changes anything, and one at a
   * time: two at once do what one would. Done again it changes nothing.
   *
   * @throws `PermissionDenied` with what a stronger role has to do, `LedgerTooNew`, `CommitOutcomeUnknown`
   */
  apply(wanted: WantedProvision, options: { readonly prune: boolean }): Promise<AppliedProvision>;
  close(): Promise<void>;
}
