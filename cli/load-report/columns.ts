import { moment } from './words';
import type { ColumnMetrics, LoadMetrics } from '../../activities/quality/load-metrics';
import type { ColumnReport, Spread } from './load-report';

/** The columns of the last of some loads, each with what it was in all of them. */
export function columnReports(loads: readonly LoadMetrics[], masked: ReadonlySet<string>): ColumnReport[] {
  const last = loads.at(-1);
  if (last === undefined) return [];
  return Object.entries(last.columns)
    .filter(([name]) => !masked.has(name))
    .map(([name, now]) => {
      const all = loads.map((load) => ({ rows: load.rows, column: columnOf(load, name) }));
      return {
        name,
        type: now.type,
        nulls: now.nulls,
        ...(now.distinct !== undefined && { distinct: { values: now.distinct, of: now.of ?? last.rows } }),
        ...spanOf(now),
        nullShares: all.map(({ rows, column }) => (column && rows > 0 ? column.nulls / rows : null)),
        // Of another type it would stand on another scale.
        spreads: all.map(({ column }) => (column?.type === now.type ? spreadOf(column) : null)),
      };
    });
}

const columnOf = ({ columns }: LoadMetrics, name: string): ColumnMetrics | undefined =>
  Object.hasOwn(columns, name) ? columns[name] : undefined;

function spanOf({ min, max, quantiles }: ColumnMetrics): Pick<ColumnReport, 'span'> {
  const median = quantiles?.[2];
  return min === undefined || max === undefined ? {} : { span: { min, max, ...(median !== undefined && { median }) } };
}

function spreadOf({ type, min, max, quantiles }: ColumnMetrics): Spread | null {
  const positions = (texts: readonly (string | undefined)[]): number[] =>
    texts.map((text) => (text === undefined ? null : positionOf(type, text))).filter((one) => one !== null);
  const [low, lower, median, upper, high] = positions(quantiles ?? []);
  if (high !== undefined) return { ends: [low!, high], middle: [lower!, median!, upper!] };
  const [least, most] = positions([min, max]);
  return most === undefined ? null : { ends: [least!, most] };
}

/** Where a value stands among its like; `null` where that cannot be drawn, as of infinity. */
export function positionOf(type: string, text: string): number | null {
  const position = /^(date|timestamp)/i.test(type)
    ? instantOf(text)
    : /^time/i.test(type)
      ? timeOf(text)
      : Number(text);
  return Number.isFinite(position) ? position : null;
}

/** `2026-11-22`, `2026-11-22 05:00:00.123456`, `2026-11-22 05:00:00+01` or `+05:30`, as PostgreSQL writes them. */
function instantOf(text: string): number {
  const [, day, time = '00:00:00', hours = '+00', minutes = '00'] =
    /^(\d{4,6}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.\d+)?)?([+-]\d\d)?(?::(\d\d))?$/.exec(text) ?? [];
  return day === undefined ? Number.NaN : Date.parse(`${day}T${time}${hours}:${minutes}`);
}

/** Seconds since midnight. */
function timeOf(text: string): number {
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)/.exec(text) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** A position in words: the other way round, about. */
export function positionText(type: string, position: number): string {
  if (/^(date|timestamp)/.test(type)) return moment(new Date(position).toISOString());
  if (/^time/.test(type)) return new Date(position * 1000).toISOString().slice(11, 19);
  return String(Number(position.toPrecision(6)));
}
