/** The ready workflows: every export is registered by a worker. @module */
export { canaryLoad, runCanary } from './canary';
export { loadTable } from './load-table';
export { retryQuarantine } from './retry-quarantine';
export { sweepStages } from './sweep-stages';
