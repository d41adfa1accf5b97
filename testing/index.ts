/**
 * What tests of pipelines call: real servers, your workflows, and checks of receipts.
 *
 * @module
 */
export { createTestEnvironment, type TestEnvironment, type TestEnvironmentOptions } from './create-test-environment';
export { expectLoaded, accounted, type ExpectedLoad } from './expect-loaded';
export { warehouseConformance } from './conformance';
export type {
  ConformanceOptions,
  HarnessOpenOptions,
  HarnessTable,
  OpenHarness,
  Passing,
  TableRead,
  TestRunner,
  TextRow,
  TextValue,
  WarehouseHarness,
} from './conformance/harness';
export type {
  ProtocolPoint,
  Warehouse,
  WarehouseCapabilities,
  WarehouseFeature,
} from '../activities/warehouses/warehouse';
