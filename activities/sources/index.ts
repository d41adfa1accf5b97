/** From files to batches, and from batches to rows. @module */
export { writeManifest } from './batch';
export { readManifest } from './manifest-file';
export { requireColumnOrder } from './column-order';
export { openRows } from './open-rows';
export { removeLeftovers } from './leftovers';
