/** Replays histories against workflow code. @module */
export { bundleForReplay, type ReplayBundle } from './bundle';
export { namedHistory, readHistory, writeHistory, type History, type NamedHistory } from './history';
export { replayHistories, type ReplayOptions } from './replay-histories';
export { sampleHistories, type HistorySample, type SampleOptions } from './sample-histories';
export { recentRuns, serverHistories } from './server-histories';
export type { ChangedPart, Divergence, DivergenceCode, ReplayVerdict } from './verdict';
