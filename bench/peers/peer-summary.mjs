// The figures of a peer.
import { megabytes, spread } from '../stats.mjs';
import { ratios } from '../turns.mjs';

/** `runs` of a peer and of the floor, round by round. A peer that fails has no times. */
export function summarizePeer({ name }, runs, floors) {
  const content = [...new Set(runs.map((run) => run.content))].join('; ');
  if (runs.some(({ error }) => error)) return { name, content, runs };
  return {
    name,
    content,
    ms: spread(runs.map(({ ms }) => ms)),
    ratio: spread(ratios(runs, floors)),
    peakMb: megabytes(Math.max(...runs.map(({ peakBytes }) => peakBytes))),
    runs,
  };
}

/** One run. */
export const peerText = ({ content, peakBytes }) => `${content}, peak ${megabytes(peakBytes)} MB`;
