import { bytes, count, elapsed, instant, plural, shellWord } from '../format';
import type {
  CheckReport,
  ColumnReport,
  LoadReport,
  ReportState,
  RowCount,
  TableReport,
  TrendPoint,
} from './load-report';

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
export const verdictWords: Readonly<Record<CheckReport['verdict'], string>> = {
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

/** How many checks said what: `10 passed, 1 warned`. */
export function checksText(checks: readonly CheckReport[]): string {
  const told = Object.entries(verdictWords).map(([verdict, word]) => {
    const many = checks.filter((check) => check.verdict === verdict).length;
    return many > 0 && `${count(many)} ${word}`;
  });
  return told.filter(Boolean).join(', ');
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
    ['Claim to publish', latencyMs !== undefined && elapsed(latencyMs)],
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

function batchText({ files, filesSkipped, bytes: size }: NonNullable<LoadReport['batch']>): string {
  const skipped = filesSkipped > 0 ? `, ${count(filesSkipped)} loaded before` : '';
  return `${plural(files, 'file')}, ${bytes(size)}${skipped}`;
}

/** An instant, or its date alone at midnight: `2026-11-22`, `2026-11-22 05:00`. */
export function moment(iso: string): string {
  const text = iso.slice(0, 16).replace('T', ' ');
  return text.endsWith(' 00:00') ? text.slice(0, 10) : text;
}

/** A statement about a load as a whole that comes before all numbers. */
export interface Note {
  readonly tone: 'good' | 'warn' | 'bad' | 'cool';
  readonly lines: readonly string[];
  /** What to type. */
  readonly commands: readonly string[];
}

/** What has to be known of a load before its numbers. */
export function notesOf(report: LoadReport): Note[] {
  const { state, held, verdict, adopted, rolledBack, loadKey } = report;
  const notes: (Note | false | undefined)[] = [
    held && {
      tone: 'warn',
      lines: [
        'The contract failed, and nothing is published. Someone has to decide.',
        `It waits until ${instant(held.until)}; then it is: ${held.then}.`,
      ],
      commands: held.choices.map((choice) => `loadline held ${choice} ${shellWord(loadKey)} --reason 'why'`),
    },
    state === 'open' && { tone: 'cool', lines: ['It is under way: nothing is published yet.'], commands: [] },
    verdict && {
      tone: verdict.verdict === 'reject' ? 'bad' : 'warn',
      lines: [`It was held, and ${verdicts[verdict.verdict]}.`, `By ${verdict.by}: ${verdict.reason}`],
      commands: [],
    },
    adopted && {
      tone: 'cool',
      lines: [
        `It was loaded by hand, and recorded as loaded.${adopted.rows === null ? '' : ` The table held ${plural(adopted.rows, 'row')}.`}`,
        `By ${adopted.by}: ${adopted.reason}`,
      ],
      commands: [],
    },
    rolledBack && {
      tone: 'warn',
      lines: [
        `It was rolled back on ${instant(rolledBack.at)}: ${rolledBack.tables.map((t) => `${t.table} lost ${plural(t.deleted, 'row')} and got ${count(t.restored)} back`).join('; ')}.`,
        `By ${rolledBack.by}: ${rolledBack.reason}`,
      ],
      commands: [],
    },
  ];
  return notes.filter((note): note is Note => Boolean(note));
}

const verdicts = {
  release: 'released: all rows were published, although checks failed',
  quarantine: 'published without the rows that broke a check, which were set aside',
  reject: 'rejected: nothing was published',
} as const;

/** `1 to 5, median 3`, or what all of them are. */
export function spanText({ min, max, median }: NonNullable<ColumnReport['span']>): string {
  if (min === max) return min;
  return `${min} to ${max}${median === undefined ? '' : `, median ${median}`}`;
}

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
  { name: 'Claim to publish', anomaly: 'anomaly.latency', of: (p) => p.latencyMs, text: elapsed },
];

/** The trends that have something to show: of this load, and not of zeros alone. */
export function trendsOf({ trend }: TableReport): readonly Trend[] {
  const current = trend.at(-1);
  if (!current?.current || trend.length < 2) return [];
  return trends.filter(({ of }) => of(current) !== undefined && trend.some((point) => (of(point) ?? 0) > 0));
}

/** What is said where there is no trend. */
export function noTrendText({ trend }: TableReport, { state }: LoadReport): string | undefined {
  if (trend.length === 1 && trend[0]!.current) return 'There is no load before it to compare with.';
  if (trend.at(-1)?.current || state === 'open') return undefined;
  return 'The ledger has no metrics of this load.';
}
