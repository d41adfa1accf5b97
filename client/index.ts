/**
 * What programs call to start loads and to read the ledger.
 *
 * @module
 */
export {
  createClient,
  type LoadlineClient,
  type LoadHandle,
  type RetryHandle,
  type StartOptions,
} from './create-client';
export type { LoadPlan, PlannedFile } from './plan-load';
export type { AdoptRequest } from '../activities/adopt-load';
export type {
  QuarantineDesk,
  QuarantineDetails,
  QuarantineFilter,
  QuarantineSelection,
  QuarantineState,
  QuarantineSummary,
  QuarantinedRow,
  RepairedRow,
  RetryableRows,
} from '../activities/warehouses/quarantine';
export type {
  LoadSummary,
  LoadDetails,
  RollbackReceipt,
  RolledBackTable,
  SignedBy,
} from '../activities/warehouses/warehouse';
