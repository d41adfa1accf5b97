import type { ColumnContract } from '../../workflows/table-contract';
import {
  formatPattern,
  parseColumnFormat,
  parseColumnType,
  type ColumnFormat,
  type ColumnType,
  type PatternField,
} from '../contracts';
import { duckText } from '../sources/duck';
import { valueReading } from './text-values';
import type { ValueReading } from './value-reading';

/** What became of a text. */
export const state = { isNull: 0, fits: 1, misfit: 2, unsure: 3, nan: 4 } as const;

/** How the text `r<i>` becomes its value `v<i>`, its {@link state} `s<i>`, and `x<i>`, the text where it has no value. */
export function columnReading(column: ColumnContract, index: number) {
  const raw = `r${index}`;
  const { value, unsure = 'false', nan = 'false' } = readingOf(column, raw);
  const states = [
    `WHEN ${raw} IS NULL THEN ${state.isNull}`,
    `WHEN v${index} IS NOT NULL THEN ${state.fits}`,
    `WHEN ${nan} THEN ${state.nan}`,
    `WHEN ${unsure} THEN ${state.unsure}`,
  ];
  return {
    value: `${value} AS v${index}`,
    state: `(CASE ${states.join(' ')} ELSE ${state.misfit} END)::UTINYINT AS s${index}`,
    kept: `v${index}, s${index}, CASE WHEN s${index} >= ${state.misfit} THEN ${raw} END AS x${index}`,
  };
}

function readingOf(column: ColumnContract, raw: string): ValueReading {
  const type = parseColumnType(column.type)!;
  const format = parseColumnFormat(column.format ?? 'iso', type.base) ?? { kind: 'iso' };
  if (format.kind === 'iso') return valueReading(type, raw);
  const read = formatted(format, type, raw);
  // What has another form is refused, whatever it may mean.
  const formed = `regexp_matches(${raw}, ${duckText(formatPattern(format))})`;
  return { type: read.type, value: `CASE WHEN ${formed} THEN ${read.value} END` };
}

function formatted(format: Exclude<ColumnFormat, { kind: 'iso' }>, type: ColumnType, raw: string): ValueReading {
  switch (format.kind) {
    case 'decimal-comma':
      return valueReading(type, `replace(replace(${raw}, '.', ''), ',', '.')`);
    case 'words':
      return { type: 'BOOLEAN', value: `(lower(${raw}) = ${duckText(format.yes.toLowerCase())})` };
    case 'epoch': {
      const micros = `TRY_CAST(round(TRY_CAST(${raw} AS DECIMAL(38,12)) * ${format.unit === 'millis' ? 1000 : 1_000_000}) AS BIGINT)`;
      return castMoment(`make_timestamp(${micros})`, type);
    }
    case 'pattern': {
      const parts = format.parts.map((p) => ('field' in p ? strptime[p.field] : p.literal.replaceAll('%', '%%')));
      return castMoment(`try_strptime(${raw}, ${duckText(parts.join(''))})`, type);
    }
  }
}

function castMoment(value: string, { base }: ColumnType): ValueReading {
  const type = { date: 'DATE', timestamptz: 'TIMESTAMPTZ' }[base as string] ?? 'TIMESTAMP';
  return { type, value: `CAST(${value} AS ${type})` };
}

const strptime: Readonly<Record<PatternField, string>> = {
  yyyy: '%Y', MMM: '%b', MM: '%m', M: '%-m', dd: '%d', d: '%-d', HH: '%H', H: '%-H', hh: '%I', h: '%-I', mm: '%M', ss: '%S',
  SSS: '%g', SSSSSS: '%f', a: '%p', ZZ: '%z',
}; // prettier-ignore
