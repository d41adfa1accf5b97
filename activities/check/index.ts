/** The checks of a contract on files, without a warehouse. @module */
export { checkFiles } from './check-files';
export { checkIds } from './check-report';
export type { CheckOptions, CheckReport, FileVerdict, RowPlace, SkippedCheck } from './check-report';
