import type { LedgerNames } from '../ledger-schema';

type Rights = Readonly<Record<keyof LedgerNames, readonly string[]>>;

/**
 * What loads do to each of Loadline's tables, and nothing else: receipts, rollbacks, rejections and metrics are written once.
 * Only locks are updated, which are tables of their own ({@link lockRights}). A table that a later version adds does not compile
 * without its rights here.
 */
export const loaderRights: Rights = {
  meta: ['SELECT'],
  claims: ['SELECT', 'INSERT'],
  claim_targets: ['SELECT', 'INSERT'],
  renewals: ['SELECT', 'INSERT', 'DELETE'],
  ledger: ['SELECT', 'INSERT'],
  // Whoever archives deletes receipts, and owns them.
  ledger_archive: ['SELECT'],
  effects: ['SELECT', 'INSERT'],
  files: ['SELECT', 'INSERT', 'DELETE'],
  incoming_files: ['SELECT', 'INSERT', 'DELETE'],
  stages: ['SELECT', 'INSERT', 'DELETE'],
  notes: ['SELECT', 'INSERT', 'DELETE'],
  quarantine: ['SELECT', 'INSERT', 'DELETE'],
  quarantine_origins: ['SELECT', 'INSERT'],
  quarantine_decisions: ['SELECT', 'INSERT'],
  quarantine_repairs: ['SELECT', 'INSERT', 'DELETE'],
  rollbacks: ['SELECT', 'INSERT'],
  holds: ['SELECT', 'INSERT'],
  rejections: ['SELECT', 'INSERT'],
  rejected_files: ['SELECT', 'INSERT'],
  metrics: ['SELECT', 'INSERT'],
};

/** Of the lock of a target: taken by an update, and given a row again where it has lost it. */
export const lockRights: readonly string[] = ['SELECT', 'INSERT', 'UPDATE'];

/** What any mode and its rollback do to a target. Which modes a contract is loaded by, it does not say. */
export const targetRights: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** Tables that hold rows of the user's, or nothing to read: everything else a reader may see. */
const hidden: ReadonlySet<keyof LedgerNames> = new Set(['quarantine', 'quarantine_repairs', 'notes', 'incoming_files']);

/** What tells of loads, and holds no row of a table. */
export const readable = (table: keyof LedgerNames): boolean => !hidden.has(table);
