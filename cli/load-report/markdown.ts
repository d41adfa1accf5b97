import { median } from '../../workflows/checks';
import { count, instant, plural } from '../format';
import { cell, inline } from '../reports/markdown-text';
import { sparkline } from '../sparkline';
import { notesOf } from './notes';
import { noTrendText, trendsOf, trendText } from './trends';
import { checksToldFirst, factsOf, identityOf, partMeanings, partNames, percent, readText, share, spanText, stateWords, verdictText } from './words'; // prettier-ignore
import type { CheckReport, ColumnReport, LoadReport, TableReport } from './load-report';

const states = { loaded: '✅', adopted: 'ℹ️', open: '⏳', held: '⏸️', rejected: '❌', 'rolled-back': '↩️' } as const;
const verdicts = { pass: '✅', warn: '⚠️', quarantine: '⚠️', fail: '❌' } as const;

/** A report as Markdown, as GitLab and GitHub show it: the same as the page, with lines of characters for plots. */
export function markdownLoadReport(report: LoadReport): string {
  const { pipeline, state, tables, warnings } = report;
  const parts = [
    `## ${states[state]} ${inline(pipeline)}: ${stateWords[state]}`,
    ...notesOf(report).map(({ lines, commands }) => [...lines.map((line) => `> ${inline(line)}  `), ...codeLines(commands)].join('\n')), // prettier-ignore
    facts(factsOf(report)),
    ...tables.flatMap((table) => tableParts(table, report)),
    ...(warnings.length > 0 ? ['### Warnings', warnings.map(({ code, message }) => `- ${inline(code)}: ${inline(message)}`).join('\n')] : []), // prettier-ignore
    '### About this load',
    facts(identityOf(report)),
    `Made by Loadline ${inline(report.toolVersion)} on ${instant(report.at)}.`,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** Within a quotation, so that it ends with it. What is to be copied is shown to the letter. */
const codeLines = (commands: readonly string[]): string[] =>
  commands.length === 0
    ? []
    : ['>', '> ~~~~sh', ...commands.map((command) => `> ${command.replace(/\s+/g, ' ')}`), '> ~~~~'];

const facts = (entries: readonly (readonly [string, string])[]): string =>
  entries.map(([name, value]) => `- ${name}: ${inline(value)}`).join('\n');

function tableParts(table: TableReport, report: LoadReport): string[] {
  const { counts, checks, onlyFailed, quarantine, columns } = table;
  return [
    `### ${inline(table.table)}`,
    readText(table),
    counts ? countsTable(counts) : '',
    checks.length > 0 ? checksTable(checks) : '',
    checks.length > 0 && onlyFailed ? 'These checks failed. What the others said is kept once a load publishes.' : '',
    ...(quarantine ? quarantineParts(quarantine) : []),
    trendTable(table),
    columns.length > 0 ? columnsTable(columns) : '',
    noTrendText(table, report) ?? '',
  ];
}

function countsTable(counts: NonNullable<TableReport['counts']>): string {
  const told = partNames.filter((name) => counts[name] > 0);
  if (told.length === 0) return 'No row was read.';
  return grid(
    ['Rows', 'How many>', 'Share>', 'Meaning'],
    told.map((name) => [name, count(counts[name]), share(counts[name], counts.read), partMeanings[name]]),
  );
}

function checksTable(checks: readonly CheckReport[]): string {
  const rows = checksToldFirst(checks).map((check) => [
    `${verdicts[check.overruled ? 'fail' : check.verdict]} ${verdictText(check)}`,
    check.reason === undefined ? check.id : `${check.id} (${check.reason})`,
    check.expected,
    check.got,
  ]);
  return grid(['Verdict', 'Check', 'Expected', 'Found'], rows);
}

function quarantineParts({ rows, open, repaired, discarded, superseded, reasons }: NonNullable<TableReport['quarantine']>) {
  const states = Object.entries({ open, repaired, discarded, superseded }).filter(([, many]) => many > 0);
  const told = `${plural(rows, 'row')} set aside: ${states.map(([state, many]) => `${count(many)} ${state}`).join(', ')}.`;
  const why = reasons.map(({ reason, rows: many }) => [reason, count(many)]);
  return [told, why.length > 0 ? grid(['Reason of the rows that are open', 'Rows>'], why) : ''];
} // prettier-ignore

function trendTable(table: TableReport): string {
  const trends = trendsOf(table);
  if (trends.length === 0) return '';
  const rows = trends.map(({ name, of, text }) => {
    const values = table.trend.map((point) => of(point) ?? null);
    const before = values.slice(0, -1).filter((value) => value !== null);
    return [name, text(values.at(-1)!), before.length > 0 ? text(median(before)) : '', sparkline(values)];
  });
  return grid(['Load by load', 'This load>', 'Median before>', trendText(table)], rows);
}

function columnsTable(columns: readonly ColumnReport[]): string {
  const rows = columns.map(({ name, type, nullShares, distinct, span }) => [
    name,
    type,
    nullShares.at(-1) === null ? '' : percent(nullShares.at(-1)!),
    nullShares.length > 1 ? sparkline(nullShares) : '',
    distinct ? `${count(distinct.values)} of ${count(distinct.of)}` : '',
    span ? spanText(span) : '',
  ]);
  return grid(['Column', 'Type', 'NULL>', 'NULL by load', 'Different values', 'Values'], rows);
}

/** A table; heads that end with `>` are of numbers. */
function grid(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(heads.map((head) => head.replace(/>$/, ''))),
    line(heads.map((head) => (head.endsWith('>') ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(cell))),
  ].join('\n');
}
