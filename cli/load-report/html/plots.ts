import { html, type Html } from './safe';

/** A bar of a {@link barPlot}. */
export interface Mark {
  readonly value: number | null;
  /** What is told of it where somebody points at it. */
  readonly title: string;
  readonly current: boolean;
  readonly odd: boolean;
}

export const width = 320;
/** So few loads take no more room than this many would. */
const leastMarks = 24;

/** Numbers from 0 on as bars, the newest at the right, with a line at what is usual. */
export function barPlot(label: string, marks: readonly Mark[], usual: number | null, height = 64): Html {
  const largest = Math.max(...marks.map(({ value }) => value ?? 0), usual ?? 0);
  const y = (value: number): number => scaled(value, 0, largest, height);
  const line = usual !== null && largest > 0 && html`<path class="usual" d="M0 ${round(y(usual))}H${width}" />`;
  return plot(label, height, [...marks.map((mark, i) => barOf(mark, i, marks.length, height, y)), line || html``]);
}

const top = 8;

/** From the bottom up; what is all the same stands in the middle, and of nothing but zeros nothing does. */
export function scaled(value: number, low: number, high: number, height: number): number {
  if (high === low) return high === 0 ? height : (height + top) / 2;
  return height - ((value - low) / (high - low)) * (height - top);
}

function barOf({ value, title, current, odd }: Mark, i: number, of: number, height: number, y: (v: number) => number) {
  const { x, slot, wide } = slotOf(i, of);
  // What is not nothing is seen.
  const tall = value === null || value === 0 ? 0 : Math.max(height - y(value), 2);
  const sign = odd && html`<circle class="sign" cx="${round(x + slot / 2)}" cy="3.5" r="3" />`;
  return html`<g class="${current ? 'now' : 'then'}"
    ><title>${title}</title>${hit(i, of, height)}<rect
      x="${round(x + (slot - wide) / 2)}"
      y="${round(height - tall)}"
      width="${round(wide)}"
      height="${round(tall)}"
      rx="1"
    />${sign}</g
  >`;
}

/** Where the mark of a load stands, from the right, and how wide it is. */
export function slotOf(i: number, of: number): { readonly x: number; readonly slot: number; readonly wide: number } {
  const slot = width / Math.max(of, leastMarks);
  return { x: width - (of - i) * slot, slot, wide: slot - Math.min(2, slot / 4) };
}

/** What is pointed at to be told of a load: all of its place. */
export function hit(i: number, of: number, height: number): Html {
  const { x, slot } = slotOf(i, of);
  return html`<rect class="hit" x="${round(x)}" y="0" width="${round(slot)}" height="${height}" />`;
}

/** The frame of a plot with its base line. */
export const plot = (label: string, height: number, content: readonly Html[]): Html =>
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

/** As many digits as can be seen. */
export const round = (value: number): number => Math.round(value * 10) / 10;
