import type { FoundObject } from '../../provisioning/found';
import type { WantedTarget } from '../../provisioning/targets';

export type { FoundGrant, FoundObject } from '../../provisioning/found';

/** A relation of the catalogue. */
export interface FoundRelation extends FoundObject {
  /** As `pg_class.relkind`. */
  readonly kind: string;
  /** Whether row-level security is on. */
  readonly policed: boolean;
  /** Sequences that its defaults draw from; names are quoted. */
  readonly sequences: readonly (FoundObject & { readonly name: string })[];
}

/** A role that the plan is about. */
export interface FoundRole {
  readonly superuser: boolean;
  readonly bypassesPolicies: boolean;
  /** Whether the administrator may act as it. */
  readonly open: boolean;
  /** Roles whose rights it has besides its own. */
  readonly memberOf: readonly string[];
}

/** A table of a contract, found or not. */
export interface FoundTarget extends WantedTarget {
  /** `null`: there is no such table. */
  readonly found: FoundRelation | null;
}

/** The administrator's connection. */
export interface FoundAdmin {
  readonly name: string;
  readonly superuser: boolean;
  readonly createsRoles: boolean;
  readonly createsSchemas: boolean;
}

/** Everything that a plan is made of: read in one transaction. */
export interface Facts {
  readonly admin: FoundAdmin;
  readonly database: FoundObject & { readonly name: string };
  /** Those of the wanted roles that exist. */
  readonly roles: ReadonlyMap<string, FoundRole>;
  /** 0: there is no ledger. */
  readonly ledgerVersion: number;
  readonly ledgerSchema: FoundObject | null;
  readonly stageSchema: FoundObject | null;
  /** Tables and views of the ledger's schema, by their plain names. */
  readonly ledger: ReadonlyMap<string, FoundRelation>;
  readonly targets: readonly FoundTarget[];
}
