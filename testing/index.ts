/**
 * What tests of pipelines call: real servers, your workflows, and checks of receipts.
 *
 * @module
 */
export { createTestEnvironment, type TestEnvironment, type TestEnvironmentOptions } from './create-test-environment';
export { expectLoaded, accounted, type ExpectedLoad } from './expect-loaded';
