import type { Sample, SampleColumn } from './sample';
import { textGuesses, type TextGuess } from './text-guesses';

/** What the values of a column have in common. Holds no value. */
export interface ColumnFacts {
  readonly nulls: number;
  /** Rows with a value. */
  readonly values: number;
  /** Different values, about. */
  readonly distinct: number;
  /** What every value fits, the preferred first. Of text columns only. */
  readonly fitting: readonly TextGuess[];
  /** The most digits before and after the point, and of both together. */
  readonly whole: number;
  readonly fraction: number;
  readonly significant: number;
  /** The length of the longest text and of the shortest. */
  readonly longest: number;
  readonly shortest: number;
  /** Whether some value is digits after a leading zero. */
  readonly leadingZero: boolean;
  /** Whether the values look like numbers with commas between thousands. */
  readonly thousands: boolean;
}

/** Few enough values to look at in JavaScript, enough to leave few guesses to ask DuckDB about. */
const firstLook = 200;
/** Columns whose facts are asked for at once. */
const together = 40;

/** The facts of all columns, in their order. */
export async function columnFacts(sample: Sample): Promise<ColumnFacts[]> {
  const facts: ColumnFacts[] = [];
  for (let at = 0; at < sample.columns.length; at += together)
    facts.push(...(await factsOf(sample, sample.columns.slice(at, at + together))));
  return facts;
}

async function factsOf({ duck, rows }: Sample, columns: readonly SampleColumn[]): Promise<ColumnFacts[]> {
  const { connection } = duck;
  const guesses = await Promise.all(
    columns.map(async ({ name, type }) => {
      if (type !== 'VARCHAR') return [];
      const first = await connection.runAndReadAll(
        `SELECT ${name} FROM sample WHERE ${name} IS NOT NULL LIMIT ${firstLook}`,
      );
      const values = first.getRows().map(([value]) => String(value));
      return textGuesses.filter(({ pattern }) => {
        const whole = new RegExp(`^(?:${pattern})$`);
        return values.every((value) => whole.test(value));
      });
    }),
  );
  const asked = columns.map((column, index) => questions(column, guesses[index] ?? []));
  const answer = await connection.runAndReadAll(`SELECT ${asked.flat().join(', ')} FROM sample`);
  const cells = [...(answer.getRows()[0] ?? [])];
  return columns.map((_, index) => factsFrom(cells.splice(0, asked[index]!.length), guesses[index] ?? [], rows));
}

/** The aggregates that tell the facts of one column; {@link factsFrom} reads them in this order. */
function questions({ name: v, type }: SampleColumn, guesses: readonly TextGuess[]): string[] {
  const counts = [`count(${v})::DOUBLE`, `approx_count_distinct(${v})::DOUBLE`];
  if (type !== 'VARCHAR') return counts;
  const number = `replace(ltrim(${v}, '+-'), '.', '')`;
  const comma = `contains(${v}, ',')`;
  const whole = `CASE WHEN ${comma} THEN replace(split_part(ltrim(${v}, '+-'), ',', 1), '.', '') ELSE split_part(ltrim(${v}, '+-'), '.', 1) END`;
  const fraction = `CASE WHEN ${comma} THEN split_part(${v}, ',', 2) ELSE split_part(${v}, '.', 2) END`;
  return [
    ...counts,
    `max(len(${whole}))::DOUBLE`,
    `max(len(${fraction}))::DOUBLE`,
    `max(len(regexp_replace(${number}, '[eE].*$', '')))::DOUBLE`,
    `max(len(${v}))::DOUBLE`,
    `min(len(${v}))::DOUBLE`,
    `coalesce(bool_and(regexp_full_match(${v}, '[0-9]+')) AND bool_or(regexp_full_match(${v}, '0[0-9]+')), false)`,
    `coalesce(bool_and(regexp_full_match(${v}, '-?[0-9]{1,3}(,[0-9]{3})*(\\.[0-9]+)?')) AND bool_or(${comma}), false)`,
    ...guesses.map((guess) => test(guess, v)),
  ];
}

function test({ pattern, holds, proofs }: TextGuess, v: string): string {
  const fits = `regexp_full_match(${v}, '${pattern}')`;
  // CASE, so that only what has the form is looked at further.
  const all = holds ? `CASE WHEN ${fits} THEN ${holds(v)} ELSE false END` : fits;
  const some = (proofs?.(v) ?? []).map((proof) => `bool_or(${proof})`);
  return `coalesce(${[`bool_and(${v} IS NULL OR (${all}))`, ...some].join(' AND ')}, false)`;
}

function factsFrom(cells: readonly unknown[], guesses: readonly TextGuess[], rows: number): ColumnFacts {
  const [values, distinct, whole, fraction, significant, longest, shortest, leadingZero, thousands, ...held] = cells;
  return {
    nulls: rows - Number(values),
    values: Number(values),
    distinct: Number(distinct),
    fitting: Number(values) === 0 ? [] : guesses.filter((_, index) => held[index] === true),
    whole: Number(whole ?? 0),
    fraction: Number(fraction ?? 0),
    significant: Number(significant ?? 0),
    longest: Number(longest ?? 0),
    shortest: Number(shortest ?? 0),
    leadingZero: leadingZero === true,
    thousands: thousands === true,
  };
}
