/**
 * What programs call to start loads and to read the ledger.
 *
 * @module
 */
export { createClient, type LoadlineClient, type LoadHandle, type StartOptions } from './create-client';
export type { LoadPlan, PlannedFile } from './plan-load';
export type { AdoptRequest } from '../activities/adopt-load';
export type {
  LoadSummary,
  LoadDetails,
  RollbackReceipt,
  RolledBackTable,
  SignedBy,
} from '../activities/warehouses/warehouse';
