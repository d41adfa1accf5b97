import { expectedCount, expectedShare, type CompareOptions } from '../../activities/quality/expected';
import { defaultCompare } from '../../activities/quality/find-anomalies';
import type { Rule } from './score';

/** The rule that loads are judged by. */
export const loadlineRule =
  (options: CompareOptions = defaultCompare): Rule =>
  (history, now, kind) => {
    const expected = kind === 'count' ? expectedCount(history, now.at, options) : expectedShare(history, now, options);
    return expected !== null && (now.value < expected.low || now.value > expected.high);
  };
