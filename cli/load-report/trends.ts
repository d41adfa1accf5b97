import { bytes, count, elapsed, plural } from '../format';
import { moment } from './words';
import type { LoadReport, TableReport, TrendPoint } from './load-report';

/** Which loads a trend is made of: `24 loads, 2026-10-01 to 2026-10-24`. */
export const trendText = ({ trend }: TableReport): string =>
  `${plural(trend.length, 'load')}, ${moment(trend[0]!.at)} to ${moment(trend.at(-1)!.at)}`;

/** A number of each load that is drawn as a trend. */
export interface Trend {
  readonly name: string;
  readonly anomaly: string;
  readonly of: (point: TrendPoint) => number | undefined;
  readonly text: (value: number) => string;
}

const trends: readonly Trend[] = [
  { name: 'Rows', anomaly: 'anomaly.rows', of: (p) => p.rows, text: count },
  { name: 'Rows set aside', anomaly: 'anomaly.quarantined', of: (p) => p.quarantined, text: count },
  { name: 'Duplicates', anomaly: 'anomaly.duplicates', of: (p) => p.duplicates, text: count },
  { name: 'Bytes', anomaly: '', of: (p) => p.bytes, text: bytes },
  { name: 'Time taken', anomaly: 'anomaly.latency', of: (p) => p.latencyMs, text: elapsed },
];

/** The trends that have something to show: of this load, and not of zeros alone. */
export function trendsOf({ trend }: TableReport): readonly Trend[] {
  const current = trend.at(-1);
  if (!current?.current || trend.length < 2) return [];
  return trends.filter(({ of }) => of(current) !== undefined && trend.some((point) => (of(point) ?? 0) > 0));
}

/** What is said where there is no trend. */
export function noTrendText({ trend, checks }: TableReport, { state }: LoadReport): string | undefined {
  if ((state === 'held' || state === 'rejected') && checks.length === 0) return 'None of its checks failed.';
  if (trend.length === 1 && trend[0]!.current) return 'There is no load before it to compare with.';
  if (trend.at(-1)?.current || ['open', 'held', 'rejected'].includes(state)) return undefined;
  return 'The ledger has no metrics of this load.';
}
