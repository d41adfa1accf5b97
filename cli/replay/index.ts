/** What `replay` and `bundle` do. @module */
export { replay } from './replay';
export { bundle } from './bundle';
