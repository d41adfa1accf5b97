/** A right that somebody has: of a table, a schema, the database or a sequence; `UPDATE (column)` of a column. */
export interface FoundGrant {
  /** A role, or the word that a warehouse has for everybody. */
  readonly grantee: string;
  readonly privilege: string;
}

/** Something that has an owner and rights. */
export interface FoundObject {
  readonly owner: string;
  readonly grants: readonly FoundGrant[];
}
