/**
 * What assembles a worker: the plugin for a worker of one's own, and `createWorker` for a whole one.
 *
 * @module
 */
export { loadline, type LoadlinePlugin, type LoadlinePluginOptions } from './plugin';
export { createWorker, type CreatedWorker, type CreateWorkerOptions } from './create-worker';
export { installLogging, type LoggingOptions } from './logging';
export { loadConfig, type LoadConfigOptions, type ResolvedConfig } from './config';
