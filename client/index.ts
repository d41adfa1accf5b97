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
export { deploy } from './deploy/deploy';
export type { DeployOptions } from './deploy/options';
export type { DeployPhase, DeployPhaseName, DeployResult } from './deploy/result';
export { rollback } from './deploy/rollback';
export type { FollowingRun, RollbackOptions, RollbackPlan, RollbackResult } from './deploy/rollback';
export { deploymentStatus } from './deploy/status';
export type { BuildStatus, DeploymentStatus } from './deploy/status';
export type { BuildState } from './deploy/routing';
