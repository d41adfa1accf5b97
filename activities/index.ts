/**
 * What a pipeline's own activities call: `writeBatch` turns any rows into a batch that `load` takes.
 *
 * @module
 */
export { writeBatch } from './write-batch';
export { isLoadError, loadErrorOf } from '../workflows/load-error';
export type { BatchRef } from '../workflows/contract';
