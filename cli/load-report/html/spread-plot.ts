import { hit, plot, round, scaled, slotOf } from './plots';
import { html, type Html } from './safe';
import type { Spread } from '../load-report';

/** One load in a {@link spreadPlot}. */
export interface SpreadMark {
  readonly spread: Spread | null;
  /** What is told of it where somebody points at it. */
  readonly title: string;
  readonly current: boolean;
}

/** How values are spread, load by load, the newest at the right: a box for the middle half, with a line to the ends. */
export function spreadPlot(label: string, marks: readonly SpreadMark[], height = 48): Html {
  const ends = marks.flatMap(({ spread }) => spread?.ends ?? []);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  // Room above and below, so that a spread is never taken for a bar from 0 on.
  const room = (high - low) / 8 || 1;
  const y = (value: number): number => scaled(value, low - room, high + room, height);
  return plot(
    label,
    height,
    marks.map((mark, i) => boxOf(mark, i, marks.length, height, y)),
  );
}

function boxOf(
  { spread, title, current }: SpreadMark,
  i: number,
  of: number,
  height: number,
  y: (v: number) => number,
) {
  const { x, slot, wide } = slotOf(i, of);
  const box = (from: number, to: number, share: number, kind: string): Html => {
    const tall = Math.max(y(from) - y(to), 2);
    const across = wide * share;
    return html`<rect
      class="${kind}"
      x="${round(x + (slot - across) / 2)}"
      y="${round((y(from) + y(to) - tall) / 2)}"
      width="${round(across)}"
      height="${round(tall)}"
      rx="0.5"
    />`;
  };
  const { ends, middle } = spread ?? {};
  const [lower, median, upper] = middle ?? [];
  const boxed = lower !== undefined && upper !== undefined && box(lower, upper, 1, 'box');
  const line = median !== undefined && y(lower!) - y(upper!) > 6 && box(median, median, 1, 'median');
  return html`<g class="${current ? 'now' : 'then'}"
    ><title>${title}</title>${hit(i, of, height)}${ends && box(...ends, 0.25, 'thin')}${boxed}${line}</g
  >`;
}
