import fc from 'fast-check';
import { ident } from '../../../activities/warehouses/bigquery/dialect';
import { testQuoting } from '../sql/quoting';
import { openBigQueryPlace } from './place';

// BigQuery has no names with quotes, backticks or backslashes; the stand-in has no tables but of plain letters, digits, _ and -.
const plain = ['a', 'Z', '_', '-', '--', '9', 'select'];
const named = (...parts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom(...parts), minLength: 1, maxLength: 8 })
    .filter((name) => /^[A-Za-z_]/.test(name) && name.trim() === name);

testQuoting(openBigQueryPlace, {
  ident,
  tables: named(...plain),
  columns: named(...plain, ' ', 'ü', '名', '&', '%', '=', ':', '<', '#', '|'),
});
