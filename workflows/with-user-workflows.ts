/**
 * What a worker bundles when the user has workflows: theirs, and the ready ones beside them. The bundler replaces the
 * name below by the user's module. Where both have a name, Loadline's stands.
 *
 * @module
 */
export { canaryLoad, runCanary } from './canary';
export { loadTable } from './load-table';
export { retryQuarantine } from './retry-quarantine';
export { sweepStages } from './sweep-stages';
export * from 'loadline-user-workflows';
