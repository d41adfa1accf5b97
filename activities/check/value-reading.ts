import { duckText } from '../sources/duck';

/** How the text of a column becomes a value, as PostgreSQL reads it; said in DuckDB's SQL. */
export interface ValueReading {
  /** DuckDB's type of the values. */
  readonly type: string;
  /** The value; NULL for text that is none. */
  readonly value: string;
  /** True for text whose reading depends on the server's version or settings. @default never */
  readonly unsure?: string;
  /** True for text that is a number and yet none: DuckDB's decimals have no NaN. */
  readonly nan?: string;
}

const spaces = `' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)`;
/** Without the white space around, which PostgreSQL skips before most values. */
export const trimmed = (text: string): string => `trim(${text}, ${spaces})`;
/** Whether a text matches as a whole. */
export const matches = (text: string, pattern: string): string => `regexp_full_match(${text}, ${duckText(pattern)})`;
/** A value where a condition holds, else NULL. */
export const when = (condition: string, value: string): string => `CASE WHEN ${condition} THEN ${value} END`;
