import { count, plural } from '../../format';
import { checksToldFirst, partMeanings, partNames, share, verdictText } from '../words';
import { stripPlot } from './plots';
import { html, type Content, type Html } from './safe';
import type { CheckReport, RowCounts, TableReport } from '../load-report';

/** A column of a {@link dataTable}. */
export interface Head {
  readonly name: string;
  /** How its cells are set, as classes of the style. */
  readonly set?: string;
  /** Whether its name is told beside each value where the table has no room for a head. */
  readonly told?: boolean;
}

/**
 * A table; set as a `stack`, its rows become blocks where the page is narrow. Roles are said because a browser forgets them
 * for what is shown as a block.
 */
export function dataTable(
  id: string,
  heads: readonly Head[],
  rows: readonly (readonly Content[])[],
  set = 'stack',
): Html {
  const head = heads.map(({ name, set: own }) => html`<th scope="col" role="columnheader"${own && html` class="${own}"`}>${name}</th>`); // prettier-ignore
  const body = rows.map(
    (row) =>
      html`<tr role="row">
        ${row.map((cell, i) => cellOf(heads[i]!, cell, i === 0))}
      </tr> `,
  );
  return html`<table class="${set}" role="table" aria-labelledby="${id}">
    <thead role="rowgroup">
      <tr role="row">
        ${head}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${body}
    </tbody>
  </table>`;
}

function cellOf({ name, set, told }: Head, content: Content, first: boolean): Html {
  const classed = set && html` class="${set}"`;
  if (first) return html`<th scope="row" role="rowheader" ${classed}>${content}</th>`;
  return html`<td role="cell" ${classed}${told && html` data-name="${name}"`}>${content}</td>`;
}

/** What became of the rows that were read. */
export function countsBlock(id: string, counts: RowCounts): Html {
  const told = partNames.filter((name) => counts[name] > 0);
  const parts = told.map((name) => ({ kind: kinds[name], title: `${name}: ${count(counts[name])}`, value: counts[name] })); // prettier-ignore
  const rows = told.map((name): Content[] => [
    html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true">
        <rect class="${kinds[name]}" width="10" height="10" rx="2" /></svg
      >${name}`,
    count(counts[name]),
    share(counts[name], counts.read),
    html`<span class="soft">${partMeanings[name]}</span>`,
  ]);
  const removed = counts.removed > 0 && html`<p class="soft small">${count(counts.removed)} rows of the table were replaced.</p>`; // prettier-ignore
  if (rows.length === 0)
    return html`<p class="soft">No row was read.</p>
      ${removed}`;
  return html`${stripPlot(`Of ${count(counts.read)} rows read: ${told.map((name) => `${count(counts[name])} ${name}`).join(', ')}`, parts)}
  ${dataTable(id, [{ name: 'Rows' }, { name: 'How many', set: 'number' }, { name: 'Share', set: 'number' }, { name: 'Meaning' }], rows, 'counts')}${removed}`;
}

const kinds = {
  inserted: 'p1',
  updated: 'p2',
  deleted: 'p6',
  unchanged: 'p3',
  stale: 'p4',
  duplicates: 'p4',
  quarantined: 'p5',
} as const satisfies Record<(typeof partNames)[number], string>;

/** The checks, with what each expects and has found. */
export function checksBlock(id: string, { checks, onlyFailed }: TableReport): Html {
  const rows = checksToldFirst(checks).map((check): Content[] => [
    verdictOf(check),
    html`<code>${check.id}</code>${check.reason !== undefined && html`<div class="soft small">${check.reason}</div>`}`,
    check.expected,
    check.got,
  ]);
  const heads: Head[] = [{ name: 'Verdict', set: 'tight' }, { name: 'Check' }, { name: 'Expected', told: true }, { name: 'Found', told: true }]; // prettier-ignore
  const left = onlyFailed && html`<p class="soft small">These failed. What the others said is kept once a load publishes.</p>`; // prettier-ignore
  return html`${dataTable(id, heads, rows)}${left}`;
}

const marks = { pass: ['✓', 'good'], warn: ['!', 'warn'], quarantine: ['⚑', 'warn'], fail: ['✗', 'bad'] } as const;

function verdictOf(check: CheckReport): Html {
  const [mark, tone] = check.overruled ? marks.fail : marks[check.verdict];
  return html`<span class="${tone}">${mark} ${verdictText(check)}</span>`;
}

/** What was set aside, why, and what became of it. */
export function quarantineBlock(id: string, { quarantine }: TableReport, loadId: string | undefined): Html {
  const { rows, open, repaired, discarded, superseded, reasons } = quarantine!;
  const states = Object.entries({ open, repaired, discarded, superseded }).filter(([, many]) => many > 0);
  const largest = Math.max(...reasons.map((reason) => reason.rows));
  const lines = reasons.map(({ reason, rows: many }): Content[] => [
    reason,
    count(many),
    html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="p5" width="${Math.max((many / largest) * 100, 1)}" height="10" />
    </svg>`,
  ]);
  const why: Head[] = [{ name: 'Reason of the rows that are open' }, { name: 'Rows', set: 'number' }, { name: '', set: 'bar' }]; // prettier-ignore
  return html`<p>
      ${plural(rows, 'row')} set aside: ${states.map(([state, many]) => `${count(many)} ${state}`).join(', ')}.
    </p>
    ${lines.length > 0 && dataTable(id, why, lines, 'reasons')}
    ${open > 0 && loadId !== undefined && html`<pre>loadline quarantine show ${loadId}</pre>`}`;
}
