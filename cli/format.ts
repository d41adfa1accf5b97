import type { LoadReceipt } from '../workflows/contract';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1234567` as `1,234,567`. */
export const count = (value: number): string => whole.format(value);

/** Bytes as people read them: `1.2 GB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${power === 0 ? value : (value / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** Milliseconds as people read them: `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 3 min`. */
export function elapsed(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return wholeSeconds(ms);
}

/** A time that changes as one reads it: `1 s`, `48 s`, `4 min 5 s`. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 1);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 'min', 's');
  return twoUnits(Math.round(seconds / 60), 'h', 'min');
}

const twoUnits = (small: number, unit: string, sixtieth: string): string =>
  `${Math.floor(small / 60)} ${unit}${small % 60 === 0 ? '' : ` ${small % 60} ${sixtieth}`}`;

/** `1 file`, `2 files`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** What a batch holds: `2 files, 3.1 MB, 1 file loaded before`. */
export function batchText({ files, filesSkipped, filesRejected = 0, bytes: size }: LoadReceipt['batch']): string {
  const before = (value: number, done: string): string[] =>
    value > 0 ? [`${plural(value, 'file')} ${done} before`] : [];
  const left = [...before(filesSkipped - filesRejected, 'loaded'), ...before(filesRejected, 'rejected')];
  return [plural(files, 'file'), bytes(size), ...left].join(', ');
}

/** An ISO instant as `2026-11-22 05:00:00 UTC`. */
export const instant = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;

/** So many in so many milliseconds, by the second: `100,005`. */
export const rate = (value: number, ms: number): string => count((value / ms) * 1000);

/** A text as one word of a shell. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
