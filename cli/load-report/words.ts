import { batchText, count, elapsed, instant, plural } from '../format';
import type { CheckReport, ColumnReport, LoadReport, ReportState, RowCount, TableReport } from './load-report';

/** What each state is called. */
export const stateWords: Readonly<Record<ReportState, string>> = {
  loaded: 'loaded',
  adopted: 'adopted',
  open: 'under way',
  held: 'held',
  rejected: 'rejected',
  'rolled-back': 'rolled back',
};

/** What a verdict is called. */
const verdictWords: Readonly<Record<CheckReport['verdict'], string>> = {
  pass: 'passed',
  warn: 'warned',
  quarantine: 'set aside',
  fail: 'failed',
};

/** What became of rows that were read, in the order in which it is told. */
export const partNames = ['inserted', 'updated', 'deleted', 'unchanged', 'stale', 'duplicates', 'quarantined'] as const satisfies readonly RowCount[]; // prettier-ignore

/** What each part says. */
export const partMeanings: Readonly<Record<(typeof partNames)[number], string>> = {
  inserted: 'new in the table',
  updated: 'changed a row of the table',
  deleted: 'deleted a row of the table',
  unchanged: 'as the table has them, or left alone',
  stale: "older than the table's own",
  duplicates: 'repeat another row of the batch',
  quarantined: 'set aside with a reason',
};

/** `1,200 rows read, by merge`. */
export const readText = ({ rows, mode }: TableReport): string =>
  [rows === undefined ? '' : `${plural(rows, 'row')} read`, mode === undefined ? '' : `by ${mode}`].filter(Boolean).join(', '); // prettier-ignore

/** What a check said and, of one that had failed and held the load, what became of that. */
export function verdictText({ verdict, overruled }: CheckReport): string {
  if (!overruled) return verdictWords[verdict];
  return verdict === 'quarantine' ? 'failed, set aside' : 'failed, released';
}

/** How many checks said what: `10 passed, 1 warned`. */
export function checksText(checks: readonly CheckReport[]): string {
  const said = new Map<string, number>();
  for (const text of checksToldFirst(checks).reverse().map(verdictText)) said.set(text, (said.get(text) ?? 0) + 1);
  return [...said].map(([text, many]) => `${count(many)} ${text.replace(', ', ' and ')}`).join(', ');
}

/** Those that did not pass first. */
export function checksToldFirst(checks: readonly CheckReport[]): CheckReport[] {
  const order = ['fail', 'quarantine', 'warn', 'pass'];
  const place = ({ verdict, overruled }: CheckReport): number => (overruled ? 0 : order.indexOf(verdict));
  return [...checks].sort((a, b) => place(a) - place(b));
}

/** A part of a whole: `0.25 %`. */
export const share = (part: number, of: number): string => (of === 0 ? '' : percent(part / of));

/** `0.0025` as `0.25 %`. */
export const percent = (value: number): string => `${Number((value * 100).toPrecision(3))} %`;

/** What is told of a load beside its tables. */
export function factsOf(report: LoadReport): readonly (readonly [name: string, value: string])[] {
  const { state, interval, publishedAt, latencyMs, batch, tables } = report;
  const checks = checksText(tables.flatMap((table) => table.checks));
  const rows = tables.every((table) => table.rows !== undefined) && tables.reduce((sum, t) => sum + t.rows!, 0);
  const ended = state === 'adopted' ? 'Adopted' : report.batch && state === 'rejected' ? 'Rejected' : 'Published';
  const entries: readonly (readonly [string, string | false | undefined])[] = [
    ['Rows read', rows !== false && count(rows)],
    ['Checks', checks],
    ['Interval', interval && `${moment(interval.start)} to ${moment(interval.end)}`],
    [ended, publishedAt && instant(publishedAt)],
    ['Time taken', latencyMs !== undefined && elapsed(latencyMs)],
    ['Batch', batch && batchText(batch)],
  ];
  return told(entries);
}

/** By what a load is known. */
export function identityOf(report: LoadReport): readonly (readonly [name: string, value: string])[] {
  const { loadKey, loadId, generation, workflowId, batch, reversible } = report;
  return told([
    ['Load key', loadKey],
    ['Load id', loadId],
    ['Generation', String(generation)],
    ['Workflow', workflowId],
    ['Content', batch && `sha256 ${batch.sha256}`],
    ['Can be rolled back', report.state === 'loaded' && (reversible ? 'yes, as long as no later load has built on it' : 'no')], // prettier-ignore
  ]);
}

function told(entries: readonly (readonly [string, string | false | undefined])[]) {
  return entries.filter((entry): entry is readonly [string, string] => Boolean(entry[1]));
}

/** An instant, or its date alone at midnight: `2026-11-22`, `2026-11-22 05:00`. */
export function moment(iso: string): string {
  const text = iso.slice(0, 16).replace('T', ' ');
  return text.endsWith(' 00:00') ? text.slice(0, 10) : text;
}

/** `1 to 5, median 3`, or what all of them are. */
export function spanText({ min, max, median }: NonNullable<ColumnReport['span']>): string {
  if (min === max) return min;
  return `${min} to ${max}${median === undefined ? '' : `, median ${median}`}`;
}
