const bars = '▁▂▃▄▅▆▇█';

/** Numbers as a line of bars from 0 to the largest, each a character; `·` where there is none. */
export function sparkline(values: readonly (number | null)[]): string {
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null || !Number.isFinite(value)) return '·';
      return bars[largest === 0 ? 0 : Math.round((value / largest) * (bars.length - 1))];
    })
    .join('');
}
