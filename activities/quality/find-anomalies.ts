import { expectedCount, expectedLatency, expectedShare, type CompareOptions, type Expected } from './expected';
import type { BatchMetrics, ColumnMetrics, LoadMetrics } from './load-metrics';
import type { Basis } from './forecast';
import type { Verdict } from '../../workflows/checks';
import type { TableContract } from '../../workflows/table-contract';

/** Something about a load that is unlike the loads before it. Holds no value of a row. */
export interface Anomaly {
  /** `anomaly.rows`, `anomaly.<column>.nullRate`, … */
  readonly id: string;
  readonly column?: string;
  readonly expected: string;
  readonly got: string;
}

/** The options of a contract that says nothing. */
export const defaultCompare: CompareOptions = { sensitivity: 1, warmUp: 14, seasonal: true };

/** So many loads are looked back at, and those of the same weekday and hour beside. */
export const shownLoads = 90;

/**
 * What is odd about a batch, by the loads before it: rows, shares of duplicates and of quarantined rows, shares of NULL,
 * and types. `before` is in the order of `at`.
 */
export function findAnomalies(
  batch: BatchMetrics,
  at: number,
  before: readonly LoadMetrics[],
  options: CompareOptions,
): Anomaly[] {
  const share = (id: string, what: string, of: (m: BatchMetrics) => number): Anomaly[] =>
    oddShare({ id, what, batch, at, before, options, of });
  const rows = expectedCount(before.map((m) => ({ at: Date.parse(m.at), value: m.rows })), at, options); // prettier-ignore
  return [
    ...(rows && outside(batch.rows, rows)
      ? [{ id: 'anomaly.rows', expected: `${whole(rows.low)} to ${whole(rows.high)} rows${by(rows.basis)}`, got: `${whole(batch.rows)} rows` }]
      : []), // prettier-ignore
    ...share('anomaly.duplicates', 'duplicates', (m) => m.duplicates),
    ...share('anomaly.quarantined', 'quarantined rows', (m) => m.quarantined),
    ...Object.entries(batch.columns).flatMap(([name, column]) => [
      ...share(`anomaly.${name}.nullRate`, 'NULL', (m) => columnOf(m, name)?.nulls ?? Number.NaN).map((a) => ({ ...a, column: name })),
      ...driftOf(name, column, before.at(-1)),
    ]), // prettier-ignore
  ];
}

/** How long a load may take, in milliseconds; `null` before there are enough to tell. */
export function latencyLimit(before: readonly LoadMetrics[], options: CompareOptions): number | null {
  const history = before.map((m) => ({ at: Date.parse(m.at), value: m.latencyMs ?? Number.NaN }));
  return expectedLatency(history, options)?.high ?? null;
}

/** Whether a load took longer than that. */
export function slowness({ latencyMs, latencyLimitMs }: Latency): Anomaly[] {
  if (latencyMs === null || latencyLimitMs === null || latencyMs <= latencyLimitMs) return [];
  const expected = `at most ${seconds(latencyLimitMs)} from claim to publish, by the loads before`;
  return [{ id: 'anomaly.latency', expected, got: seconds(latencyMs) }];
}

interface Latency {
  readonly latencyMs: number | null;
  readonly latencyLimitMs: number | null;
}

/** Anomalies as verdicts of a check, like those of the contract's own. */
export function anomalyVerdicts(
  { anomalies }: Pick<TableContract, 'anomalies'>,
  found: readonly Anomaly[],
  rows: number,
): Verdict[] {
  const severity = (anomalies || {}).severity ?? 'warn';
  return found.map((anomaly) => ({ ...anomaly, kind: 'anomaly', severity, broken: 1, of: rows, verdict: severity }));
}

interface ShareInput {
  readonly id: string;
  readonly what: string;
  readonly batch: BatchMetrics;
  readonly at: number;
  readonly before: readonly LoadMetrics[];
  readonly options: CompareOptions;
  readonly of: (m: BatchMetrics) => number;
}

function oddShare({ id, what, batch, at, before, options, of }: ShareInput): Anomaly[] {
  const history = before.map((m) => ({ at: Date.parse(m.at), value: of(m) / m.rows, of: m.rows }));
  const expected = expectedShare(history, { at, of: batch.rows }, options);
  const count = of(batch);
  if (expected === null || !outside(count / batch.rows, expected)) return [];
  return [
    {
      id,
      expected: `at most ${percent(expected.high)} ${what}${by(expected.basis)}`,
      got: `${percent(count / batch.rows)} ${what}, ${whole(count)} of ${whole(batch.rows)} rows`,
    },
  ];
}

/** Not statistics: one load before is enough. */
function driftOf(name: string, { type }: ColumnMetrics, last: LoadMetrics | undefined): Anomaly[] {
  const before = last && columnOf(last, name)?.type;
  if (before === undefined || before === type) return [];
  return [
    {
      id: `anomaly.${name}.type`,
      column: name,
      expected: `type ${before}, as in the load before`,
      got: `type ${type}`,
    },
  ];
}

const columnOf = ({ columns }: BatchMetrics, name: string): ColumnMetrics | undefined =>
  Object.hasOwn(columns, name) ? columns[name] : undefined;

const outside = (value: number, { low, high }: Expected): boolean => value < low || value > high;

const by = (basis: Basis): string => ({
  level: ', by the loads before',
  recent: ', by the last loads',
  season: ', by loads of this weekday and hour',
})[basis]; // prettier-ignore

const whole = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
const percent = (value: number): string => `${Number((value * 100).toPrecision(3))} %`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
