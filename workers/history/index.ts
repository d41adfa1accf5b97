/**
 * Recording histories that can be shown, and checking those that are recorded.
 *
 * @module
 */
export { recordHistory, type RecordedHistory, type Recorder, type RunToRecord } from './record-history';
export { historyFile, historyShape, runIdOf } from './history-shape';
export { openRecorder, type OpenedRecorder } from './open-recorder';
export type { EventJson } from './history-json';
export {
  checkHistories,
  knownProtocols,
  type CheckSurroundings,
  type HistoryFile,
  type HistoryTrouble,
} from './check-histories';
export { workflowTypesIn } from './workflow-types';
