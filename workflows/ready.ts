/** The ready workflows: every export is registered by a worker. @module */
export { loadTable } from './load-table';
export { sweepStages } from './sweep-stages';
