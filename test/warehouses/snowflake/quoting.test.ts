import fc from 'fast-check';
import { ident } from '../../../activities/warehouses/snowflake/dialect';
import { testQuoting } from '../sql/quoting';
import { openSnowflakePlace } from '../support/snowflake-place';

const parts = [
  'a',
  'Z',
  '_',
  ' ',
  '"',
  "'",
  '`',
  '\\',
  '--',
  ';',
  '${x}',
  '$1',
  '?',
  '%s',
  '.',
  'ü',
  '名',
  '😀',
  'select',
];
const names = fc
  .string({ unit: fc.constantFrom(...parts), minLength: 1, maxLength: 8 })
  .filter((name) => name.trim() === name);

testQuoting(openSnowflakePlace, { ident, tables: names, columns: names });
