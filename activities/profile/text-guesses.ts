import type { ColumnTypeName } from '../contracts';
import { compactDate, momentGuesses } from './moment-guesses';

/** What the text of a column may be. */
export interface TextGuess {
  /** `decimal` without its digits, which the values decide. */
  readonly type: ColumnTypeName;
  readonly format?: string;
  /** What every value must match as a whole: for JavaScript and for DuckDB's RE2. */
  readonly pattern: string;
  /** What every value must fulfil besides, as a condition of DuckDB's. */
  holds?(value: string): string;
  /** Each of these must hold for at least one value: without that the guess is none. */
  proofs?(value: string): readonly string[];
  readonly why: string;
}

/** Pairs of words for true and false; those that a warehouse reads by itself need no format. */
const pairs: readonly (readonly [yes: string, no: string, own?: 'own'])[] = [
  ['true', 'false', 'own'], ['yes', 'no', 'own'], ['y', 'n', 'own'], ['t', 'f', 'own'], ['on', 'off', 'own'],
  ['ja', 'nein'], ['j', 'n'], ['wahr', 'falsch'], ['oui', 'non'], ['vrai', 'faux'], ['si', 'no'], ['sí', 'no'], ['sim', 'não'],
]; // prettier-ignore

const anyCase = (word: string): string => [...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('');

const booleanGuesses: readonly TextGuess[] = pairs.map(([yes, no, own]) => ({
  type: 'boolean',
  ...(own ? {} : { format: `${yes}/${no}` }),
  pattern: `(${anyCase(yes)}|${anyCase(no)})`,
  // One word or letter alone may be anything, but for the words themselves.
  proofs: (v) => (yes === 'true' ? [] : [yes, no].map((word) => `lower(${v}) = '${word}'`)),
  why: `${yes} and ${no}`,
}));

const whole = '(0|[1-9][0-9]*)';
const point = `-?(${whole}(\\.[0-9]+)?|\\.[0-9]+)`;

const numberGuesses: readonly TextGuess[] = [
  { type: 'bigint', pattern: '-?(0|[1-9][0-9]{0,37})', why: 'whole numbers' },
  { type: 'decimal', pattern: point, why: 'numbers with a decimal point' },
  { type: 'double', pattern: `${point}([eE][+-]?[0-9]{1,2})?`, why: 'floating-point numbers' },
  {
    type: 'decimal',
    format: 'decimal-comma',
    pattern: `[+-]?([1-9][0-9]{0,2}(\\.[0-9]{3})+|${whole})(,[0-9]+)?`,
    // 1,234 alone is a thousand to some and one to others.
    proofs: (v) => [`regexp_matches(${v}, '(,([0-9]{1,2}|[0-9]{4,})$)|(\\.[0-9]{3},)|(^[+-]?0,)')`],
    why: 'numbers with a decimal comma',
  },
];

const otherGuesses: readonly TextGuess[] = [
  {
    type: 'uuid',
    pattern: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
    why: 'UUIDs',
  },
  {
    type: 'json',
    pattern: '[\\[{][\\s\\S]*[\\]}]',
    // PostgreSQL has no place for NUL and for halves of characters.
    holds: (v) => `(json_valid(${v}) AND NOT regexp_matches(${v}, '\\\\u(0000|[dD][89a-fA-F])'))`,
    why: 'JSON objects or lists',
  },
];

/** Everything that text may be, the preferred ones first. What fits nothing stays text. */
export const textGuesses: readonly TextGuess[] = [
  ...booleanGuesses,
  ...numberGuesses,
  ...momentGuesses,
  compactDate,
  ...otherGuesses,
];
