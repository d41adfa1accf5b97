const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}
const second: Field = { name: 'second', min: 0, max: 59 };
const year: Field = { name: 'year', min: 2000, max: 2100 };
const common: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of the week', min: 0, max: 7, names: days },
];

/** What keeps a text from being a cron expression as Temporal reads it, or `null`. */
export function cronTrouble(text: string): string | null {
  const cron = text.trim();
  if (/^(CRON_)?TZ=/.test(cron)) return 'a zone inside of the expression: write it as zone';
  if (/^@every\b/.test(cron)) return '@every: write it as every';
  if (cron.startsWith('@'))
    return /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(cron) ? null : `the unknown ${cron}`;
  if (cron.includes('#')) return 'a comment: write it as note';
  const parts = cron.split(/\s+/);
  const fields = { 5: common, 6: [...common, year], 7: [second, ...common, year] }[parts.length];
  if (!fields) return `${parts.length} fields`;
  return fields.map((field, index) => fieldTrouble(field, parts[index]!)).find((trouble) => trouble !== null) ?? null;
}

function fieldTrouble(field: Field, text: string): string | null {
  const bad = text.split(',').find((part) => !fits(field, part));
  if (bad === undefined) return null;
  return `the ${field.name} ${JSON.stringify(bad.slice(0, 40))}, which is none from ${field.min} to ${field.max}`;
}

function fits(field: Field, part: string): boolean {
  const [, from, to, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d{1,4}))?$/.exec(part) ?? [];
  if (from === undefined || step === '0' || /^0+$/.test(step ?? '1')) return false;
  if (from === '*') return to === undefined;
  const [start, end] = [valueOf(field, from), to === undefined ? undefined : valueOf(field, to)];
  return start !== null && end !== null && (end === undefined || start <= end);
}

function valueOf({ min, max, names = [] }: Field, text: string): number | null {
  const named = names.indexOf(text.toUpperCase().slice(0, 3));
  if (named >= 0 && /^[a-z]{3}$/i.test(text)) return named + min;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : null;
}
