/** Text of ISO 8601, and what PostgreSQL writes, as BigQuery reads it; `null` where it is none. */

const datePart = '(\\d{4})-(\\d{1,2})-(\\d{1,2})';
const timePart = '(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d+))?)?';
const zonePart = '(?: ?(Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2}(?::?\\d{2})?)?))?';
const moment = new RegExp(`^\\s*${datePart}(?:[T ]\\s*${timePart}\\s*${zonePart})?\\s*$`, 'i');
const compact = /^\s*(\d{4})(\d{2})(\d{2})\s*$/;
const time = new RegExp(`^\\s*${timePart}\\s*${zonePart}\\s*$`, 'i');

/** What programs write: in UTC, with nothing to move, to round or to guess. Most text is, and is read by its places. */
const usual = /^\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d{1,6})?(?:Z|[+-]00(?::?00)?)?$/;

interface Moment {
  /** Microseconds since 1970, as its own clock shows it. */
  readonly micros: bigint;
  /** Seconds east of UTC; `null`: no zone. */
  readonly offset: number | null;
}

/** A DATE. A time behind it is dropped, as PostgreSQL does. */
export function dateOf(text: string): string | null {
  const found = momentOf(text);
  return (found && isoOf(found.micros)?.slice(0, 10)) || null;
}

/** A DATETIME: what the clock shows, whatever zone is behind it. */
export function dateTimeOf(text: string): string | null {
  if (isUsual(text)) return isoOfUsual(text);
  const found = momentOf(text);
  return found && isoOf(found.micros);
}

/** A TIMESTAMP, in UTC. Without a zone it is UTC. */
export function timestampOf(text: string): string | null {
  if (isUsual(text)) return `${isoOfUsual(text)}+00:00`;
  const found = momentOf(text);
  const iso = found && isoOf(found.micros - BigInt(found.offset ?? 0) * 1_000_000n);
  return iso && `${iso}+00:00`;
}

/** A TIME; the end of a day has no place in BigQuery. */
export function timeOf(text: string): string | null {
  const found = time.exec(text);
  const micros = found && microsOf(found.slice(1, 5));
  return micros === null || micros >= 86_400_000_000n ? null : isoOf(micros)!.slice(11);
}

const isUsual = (text: string): boolean =>
  usual.test(text) && isDay(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10)));

function isoOfUsual(text: string): string {
  const fraction = text[19] === '.' ? text.slice(20, 26).replace(/[^\d].*/, '') : '';
  return `${text.slice(0, 10)} ${text.slice(11, 19)}.${fraction.padEnd(6, '0')}`;
}

const lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the calendar has this day. */
function isDay(year: number, month: number, day: number): boolean {
  if (year === 0 || day === 0 || day > (lengths[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

function momentOf(text: string): Moment | null {
  const found = moment.exec(text) ?? compact.exec(text);
  if (!found) return null;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (!isDay(year, month, day)) return null;
  const at = new Date(Date.UTC(2000, month - 1, day));
  at.setUTCFullYear(year, month - 1, day);
  const within = found[4] === undefined ? 0n : microsOf(found.slice(4, 8));
  const offset = offsetOf(found[8]);
  if (within === null || offset === undefined) return null;
  return { micros: BigInt(at.getTime()) * 1_000n + within, offset };
}

/** Microseconds of hours, minutes, seconds and digits behind the point, of which the seventh rounds. */
function microsOf([hours, minutes, seconds = '0', fraction = '']: readonly (string | undefined)[]): bigint | null {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  const whole = BigInt(fraction.slice(0, 6).padEnd(6, '0')) + (Number(fraction[6] ?? 0) >= 5 ? 1n : 0n);
  // A day may end at 24:00, and a minute at :60.
  if (h > 24 || m > 59 || s > 60 || (h === 24 && (m > 0 || s > 0 || whole > 0n))) return null;
  return BigInt(h * 3_600 + m * 60 + s) * 1_000_000n + whole;
}

function offsetOf(zone: string | undefined): number | null | undefined {
  if (zone === undefined) return null;
  const found = /^([+-])(\d{2}):?(\d{2})?:?(\d{2})?$/.exec(zone);
  if (!found) return 0;
  const [hours, minutes, seconds] = [Number(found[2]), Number(found[3] ?? 0), Number(found[4] ?? 0)];
  if (hours > 15 || minutes > 59 || seconds > 59) return undefined;
  return (found[1] === '-' ? -1 : 1) * (hours * 3_600 + minutes * 60 + seconds);
}

/** `null` outside of the years 1 to 9999, which are all that BigQuery has. */
function isoOf(micros: bigint): string | null {
  const second = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
  const at = new Date(Number(second) * 1_000);
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1 || at.getUTCFullYear() > 9999) return null;
  const rest = String(micros - second * 1_000_000n).padStart(6, '0');
  return `${at.toISOString().slice(0, 19).replace('T', ' ')}.${rest}`;
}
