/* eslint-disable @typescript-eslint/no-require-imports -- a synchronous import at the time of use is the point */

/** Replaying: the SDK's worker, which a program that only deploys must not load. */
export const lazyReplay = (): typeof import('../../workers/replay') =>
  require('../../workers/replay') as typeof import('../../workers/replay');
