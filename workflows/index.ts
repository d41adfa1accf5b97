/**
 * What workflow code calls: `load`, its steps, intervals and sources. Import it from workflow modules only.
 *
 * @module
 */
export { load, loadSet, files, type FilesOptions } from './load';
export { open, extract, stage, audit, publish, settle, discard, intervalOf } from './steps';
export { loadProgress, type LoadProgress } from './story';
export { heldLoads, verdict } from './hold';
export { interval, hour, day, month } from './interval';
export { isLoadError, loadErrorOf } from './load-error';
export { canaryLoad, runCanary } from './canary';
export { loadTable } from './load-table';
export { retryQuarantine } from './retry-quarantine';
export { sweepStages } from './sweep-stages';
export type * from './root';
