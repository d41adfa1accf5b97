import { bytes, count, elapsed, instant } from './format';
import { renderTable } from './output';
import { sparkline } from './sparkline';
import { paint, widthOf } from './terminal';
import type { LoadMetrics } from '../activities/quality/load-metrics';

/** The metrics of a table's last loads, oldest first: a line per load, then one per column. */
export function renderMetrics(table: string, loads: readonly LoadMetrics[], columns = Infinity): string {
  const last = loads.at(-1);
  if (last === undefined) return `No metrics of ${table} yet: they are written with each load.`;
  const names = [...new Set(loads.map((load) => load.table))];
  const head = `${paint.bold(names.join(', '))}  ${paint.dim(`rows ${sparkline(loads.map((l) => l.rows))}`)}`;
  return [head, loadLines(loads, columns), columnLines(loads, last, columns)].filter(Boolean).join('\n\n');
}

function loadLines(loads: readonly LoadMetrics[], columns: number): string {
  const rows = loads.map((load) => [
    load.anomalies.length > 0 ? paint.yellow('!') : ' ',
    instant(load.publishedAt),
    count(load.rows),
    bytes(load.bytes),
    count(load.duplicates),
    count(load.quarantined),
    load.latencyMs === null ? '' : elapsed(load.latencyMs),
    load.anomalies.map((id) => paint.yellow(id.replace(/^anomaly\./, ''))).join(', '),
  ]);
  const heads = ['', 'published', 'rows', 'bytes', 'duplicates', 'quarantined', 'took', 'odd'];
  const wide = renderTable(heads, rows, 2);
  if (fits(wide, columns)) return wide;
  const few = [0, 1, 2, 7];
  return renderTable(few.map((i) => heads[i]!), rows.map((row) => few.map((i) => row[i]!)), 2); // prettier-ignore
}

function columnLines(loads: readonly LoadMetrics[], last: LoadMetrics, columns: number): string {
  const names = Object.keys(last.columns);
  if (names.length === 0) return '';
  const rows = names.map((name) => {
    const now = last.columns[name]!;
    const rates = loads.map((load) => rate(load.columns[name]?.nulls, load.rows));
    const distinct = now.distinct === undefined ? '' : count(now.distinct) + (now.of! < last.rows ? ` of ${count(now.of!)}` : ''); // prettier-ignore
    return [name, percent(rates.at(-1) ?? null), sparkline(rates), distinct, now.min ?? '', now.max ?? ''];
  });
  const heads = ['column', 'NULL', 'NULL by load', 'distinct', 'min', 'max'];
  const wide = renderTable(heads, rows);
  return fits(wide, columns) ? wide : renderTable(heads.slice(0, 3), rows.map((row) => row.slice(0, 3))); // prettier-ignore
}

const fits = (text: string, columns: number): boolean => text.split('\n').every((line) => widthOf(line) <= columns);

const rate = (part: number | undefined, of: number): number | null =>
  part === undefined || of === 0 ? null : part / of;

const percent = (share: number | null): string => (share === null ? '' : `${Number((share * 100).toPrecision(3))} %`);
