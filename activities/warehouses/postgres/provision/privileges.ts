import { ledgerNames, type LedgerNames } from '../ledger-schema';

/** The tables and views of the ledger. One that a later version adds does not compile without its rights here. */
export type LedgerTable = Exclude<keyof LedgerNames, 'schema' | 'stageSchema'>;

type Rights = Readonly<Record<LedgerTable, readonly string[]>>;

/**
 * What loads do to each table, and nothing else. Rows of the ledger, of rollbacks, rejections and decisions are written once:
 * whoever loads can neither change nor delete them. `UPDATE` is also what locking a row takes.
 */
export const loaderRights: Rights = {
  meta: ['SELECT'],
  locks: ['SELECT', 'INSERT', 'UPDATE'],
  claims: ['SELECT', 'INSERT', 'UPDATE'],
  ledger: ['SELECT', 'INSERT'],
  files: ['SELECT', 'INSERT', 'DELETE'],
  stages: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  quarantine: ['SELECT', 'INSERT', 'DELETE'],
  quarantineOrigins: ['SELECT', 'INSERT'],
  quarantineDecisions: ['SELECT', 'INSERT'],
  quarantineRepairs: ['SELECT', 'INSERT', 'DELETE'],
  effects: ['SELECT', 'INSERT'],
  kept: ['SELECT', 'INSERT', 'DELETE'],
  rollbacks: ['SELECT', 'INSERT'],
  metrics: ['SELECT', 'INSERT'],
  holds: ['SELECT', 'INSERT', 'UPDATE'],
  rejections: ['SELECT', 'INSERT'],
  rejectedFiles: ['SELECT', 'INSERT'],
  archive: ['SELECT'],
  history: ['SELECT'],
};

/** Receipts, states, checks and metrics. No table that holds rows of the user's. */
export const readerRights: Rights = {
  meta: ['SELECT'],
  locks: ['SELECT'],
  claims: ['SELECT'],
  ledger: ['SELECT'],
  files: ['SELECT'],
  stages: ['SELECT'],
  quarantine: [],
  quarantineOrigins: ['SELECT'],
  quarantineDecisions: ['SELECT'],
  quarantineRepairs: [],
  effects: ['SELECT'],
  kept: [],
  rollbacks: ['SELECT'],
  metrics: ['SELECT'],
  holds: ['SELECT'],
  rejections: ['SELECT'],
  rejectedFiles: ['SELECT'],
  archive: ['SELECT'],
  history: ['SELECT'],
};

/** What archiving and sweeping need. Locking a row of the ledger takes the right to update a column: the least telling one. */
export const sweeperRights: Rights = {
  meta: ['SELECT'],
  locks: ['SELECT', 'UPDATE (version)'],
  claims: ['SELECT'],
  ledger: ['SELECT', 'DELETE', 'UPDATE (attempt)'],
  files: [],
  stages: ['SELECT', 'DELETE'],
  quarantine: ['SELECT', 'DELETE'],
  quarantineOrigins: [],
  quarantineDecisions: ['SELECT'],
  quarantineRepairs: ['SELECT', 'DELETE'],
  effects: ['SELECT'],
  kept: ['SELECT', 'DELETE'],
  rollbacks: ['SELECT'],
  metrics: ['SELECT', 'DELETE'],
  holds: [],
  rejections: [],
  rejectedFiles: [],
  archive: ['SELECT', 'INSERT'],
  history: ['SELECT'],
};

/** What any mode and its rollback do to a target. Which modes a contract is loaded by, it does not say. */
export const targetRights: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

const bare = ledgerNames({ ledgerSchema: 'x', stageSchema: 'y' });

/** The plain names of the ledger's tables, by their keys. */
export const ledgerTables: ReadonlyMap<LedgerTable, string> = new Map(
  (Object.keys(loaderRights) as LedgerTable[]).map((key) => [key, bare[key].slice('"x"."'.length, -1)]),
);
