/**
 * What assembles a worker: the plugin for a worker of one's own, and `createWorker` for a whole one. And what tells, before a
 * worker is deployed, whether its workflows fit the histories of what runs: `replayHistories`.
 *
 * @module
 */
export { loadline, type LoadlinePlugin, type LoadlinePluginOptions } from './plugin';
export { createWorker, type CreatedWorker, type CreateWorkerOptions } from './create-worker';
export { installLogging, type LoggingOptions } from './logging';
export { loadConfig, type LoadConfigOptions, type ResolvedConfig } from './config';
export {
  bundleForReplay,
  namedHistory,
  readHistory,
  recentRuns,
  replayHistories,
  sampleHistories,
  serverHistories,
  writeHistory,
  type ChangedPart,
  type Divergence,
  type DivergenceCode,
  type History,
  type HistorySample,
  type NamedHistory,
  type ReplayBundle,
  type ReplayOptions,
  type ReplayVerdict,
  type SampleOptions,
} from './replay';
