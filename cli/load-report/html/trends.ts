import { median } from '../../../workflows/checks';
import { count } from '../../format';
import { trendsOf, trendText, type Trend } from '../trends';
import { moment, percent, spanText } from '../words';
import { positionText } from '../columns';
import { barPlot, type Mark } from './plots';
import { spreadPlot, type SpreadMark } from './spread-plot';
import { dataTable, type Head } from './tables';
import { html, type Content, type Html } from './safe';
import type { ColumnReport, TableReport, TrendPoint } from '../load-report';

/** A plot of each number that a load leaves, over the loads before it. */
export function trendsBlock(table: TableReport): Html {
  const { trend } = table;
  return html`<div class="plots">${trendsOf(table).map((one) => figure(one, trend))}</div>
    ${legend(table)}`;
}

function figure({ name, anomaly, of, text }: Trend, trend: readonly TrendPoint[]): Html {
  const marks = trend.map((point): Mark => {
    const value = of(point);
    const told = value === undefined ? 'unknown' : text(value);
    const odd = point.anomalies.includes(anomaly);
    return { ...markOf(point, `${told}${odd ? ', odd' : ''}`), value: value ?? null, odd };
  });
  const now = text(of(trend.at(-1)!)!);
  const before = trend.slice(0, -1).flatMap((point) => of(point) ?? []);
  const usual = before.length > 0 ? median(before) : null;
  const told = usual === null ? '' : `median before ${text(usual)}`;
  return html`<figure>
    <figcaption><span class="soft">${name}</span><strong>${now}</strong></figcaption>
    ${barPlot(`${name} of ${count(trend.length)} loads, the last one ${now}${told && `, ${told}`}`, marks, usual)}
    <p class="soft ends">${told}</p>
  </figure> `;
}

const markOf = ({ at, current }: TrendPoint, told: string): Pick<Mark, 'title' | 'current'> => ({
  title: `${moment(at)}${current ? ', this load' : ''}: ${told}`,
  current,
});

function legend(table: TableReport): Html {
  const signs = [
    ...trendsOf(table).map(({ anomaly }) => anomaly),
    ...table.columns.map(({ name }) => `anomaly.${name}.nullRate`),
  ];
  const odd = table.trend.some(({ anomalies }) => anomalies.some((id) => signs.includes(id)));
  return html`<p class="legend">
    <span><i class="l-now"></i>this load</span><span><i class="l-then"></i>loads of the pipeline before it</span
    ><span><i class="l-line"></i>their median</span
    >${odd && html`<span><i class="l-odd"></i>unlike those before</span>`}
    <span>${trendText(table)}</span>
  </p>`;
}

/** A line for each column: what it was in this load, and in those before. */
export function columnsBlock(id: string, { columns, trend }: TableReport): Html {
  const heads: Head[] = [{ name: 'Column' }, { name: 'NULL', told: true }, { name: 'Different values', told: true }, { name: 'Values', told: true }]; // prettier-ignore
  return html`${dataTable(id, heads, columns.map((column) => columnLine(column, trend)), 'stack columns')}
<p class="soft small legend">Small plots, load by load: the share of NULL, and how the values are spread: the thick bar is their middle half with the median, the thin one goes from the 5th to the 95th of 100 (or, where no more is known, from the smallest to the largest). Quantiles and different values are those of at most 10,000 rows. Masked columns are left out.</p>`; // prettier-ignore
}

function columnLine(column: ColumnReport, trend: readonly TrendPoint[]): Content[] {
  const { name, type, nullShares, distinct, span } = column;
  const share = nullShares.at(-1) ?? null;
  return [
    html`<code>${name}</code>
      <div class="soft small">${type}</div>`,
    html`${share === null ? '' : percent(share)}${nullShares.some((one) => (one ?? 0) > 0) && trend.length > 1 && nullPlot(column, trend)}`,
    distinct && `${count(distinct.values)} of ${count(distinct.of)}`,
    span && html`${spanText(span)}${spreadsPlot(column, trend)}`,
  ];
}

function nullPlot({ name, nullShares }: ColumnReport, trend: readonly TrendPoint[]): Html {
  const marks = nullShares.map((share, i): Mark => ({
    ...markOf(trend[i]!, share === null ? 'unknown' : percent(share)),
    value: share,
    odd: trend[i]!.anomalies.includes(`anomaly.${name}.nullRate`),
  }));
  return barPlot(`Share of NULL in ${name}, load by load`, marks, null, 36);
}

function spreadsPlot({ name, type, spreads }: ColumnReport, trend: readonly TrendPoint[]): Html | false {
  if (spreads.filter((spread) => spread !== null).length < 2) return false;
  const marks = spreads.map((spread, i): SpreadMark => {
    const [, median] = spread?.middle ?? [];
    return { ...markOf(trend[i]!, median === undefined ? 'median unknown' : `median ${positionText(type, median)}`), spread };
  }); // prettier-ignore
  return spreadPlot(`How the values of ${name} are spread, load by load`, marks);
}
