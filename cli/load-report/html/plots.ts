import { html, type Html } from './safe';

/** A bar of a {@link barPlot}, or a span of a {@link spanPlot}. */
export interface Mark {
  readonly value: readonly [low: number, high: number] | null;
  /** What is told of it where somebody points at it. */
  readonly title: string;
  readonly current: boolean;
  readonly odd: boolean;
}

const width = 320;
/** So few loads take no more room than this many would. */
const leastMarks = 24;

/** Numbers from 0 on as bars, the newest at the right, with a line at what is usual. */
export function barPlot(label: string, marks: readonly Mark[], usual: number | null, height = 64): Html {
  const largest = Math.max(...marks.map(({ value }) => value?.[1] ?? 0), usual ?? 0);
  const y = (value: number): number => scaled(value, 0, largest, height);
  const line = usual !== null && largest > 0 && html`<path class="usual" d="M0 ${round(y(usual))}H${width}" />`;
  return plot(label, height, [...marks.map((mark, i) => barOf(mark, i, marks.length, height, y)), line || html``]);
}

/** Spans of numbers as floating bars, the newest at the right. */
export function spanPlot(label: string, marks: readonly Mark[], height = 40): Html {
  const known = marks.flatMap(({ value }) => value ?? []);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  // A span of everything leaves room above and below: it is no bar.
  const room = (high - low) / 6;
  const y = (value: number): number => scaled(value, low - room, high + room, height);
  return plot(
    label,
    height,
    marks.map((mark, i) => barOf(mark, i, marks.length, height, y)),
  );
}

const top = 8;

/** From the bottom up; what is all the same stands in the middle, and of nothing but zeros nothing does. */
function scaled(value: number, low: number, high: number, height: number): number {
  if (high === low) return high === 0 ? height : (height + top) / 2;
  return height - ((value - low) / (high - low)) * (height - top);
}

function barOf({ value, title, current, odd }: Mark, i: number, of: number, height: number, y: (v: number) => number) {
  const slot = width / Math.max(of, leastMarks);
  const x = width - (of - i) * slot;
  const kind = [current ? 'now' : 'then', odd && 'odd'].filter(Boolean).join(' ');
  const gap = Math.min(2, slot / 4);
  const [from, to] = value === null ? [height, height] : [y(value[0]), y(value[1])];
  // What is not nothing is seen.
  const tall = Math.max(from - to, value === null || (value[0] === 0 && value[1] === 0) ? 0 : 2.5);
  const sign = odd && html`<circle class="sign" cx="${round(x + slot / 2)}" cy="3.5" r="3" />`;
  return html`<g class="${kind}"
    ><title>${title}</title><rect class="hit" x="${round(x)}" y="0" width="${round(slot)}" height="${height}" /><rect
      x="${round(x + gap / 2)}"
      y="${round(from - tall)}"
      width="${round(slot - gap)}"
      height="${round(tall)}"
      rx="1"
    />${sign}</g
  >`;
}

const plot = (label: string, height: number, content: readonly Html[]): Html =>
  html`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
    ${content}
    <path class="base" d="M0 ${height}H${width}" />
  </svg>`;

/** A part of a {@link stripPlot}. */
export interface Part {
  readonly kind: string;
  readonly title: string;
  readonly value: number;
}

/** Parts of a whole, side by side. */
export function stripPlot(label: string, parts: readonly Part[]): Html {
  const shown = parts.filter(({ value }) => value > 0);
  const total = shown.reduce((sum, { value }) => sum + value, 0);
  // A part that is not nothing is seen beside one that is nearly everything.
  const widths = shown.map(({ value }) => Math.max((value / total) * 1000, 6));
  const scale = 1000 / widths.reduce((sum, one) => sum + one, 0);
  let x = 0;
  const bars = shown.map(({ kind, title }, i) => {
    const [from, wide] = [x, widths[i]! * scale];
    x += wide;
    return html`<rect class="part ${kind}" x="${round(from)}" y="0" width="${round(Math.max(wide - 2, 1))}" height="14"
      ><title>${title}</title></rect
    >`;
  });
  return html`<svg class="strip" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label="${label}">
    ${bars}
  </svg>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
