/**
 * The templates of CI in a user's repository, and what their jobs run.
 *
 * @module
 */
export { findSamples, initCi } from './init-ci';
export { choice, driftFindings, syncCi, vendoredHere } from './drift';
export { platforms } from './vendored';
export { jobs, type JobName } from './jobs';
export { runJob } from './run-job';
export { verdict } from './verdict';
