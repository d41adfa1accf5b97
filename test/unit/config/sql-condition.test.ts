import fc from 'fast-check';
import { calledNames, conditionTrouble } from '../../../activities/contracts/sql-condition';

test.each([
  'amount > 0',
  "state IN ('open', 'it''s; -- fine') AND (paid OR \"a)b\" = 'select')",
  "at::date - interval '1 day' < now()",
  'lower(name) <> upper(name)',
  'tags[1] IS NOT NULL',
  '"select" = 1',
])('the condition %s is one', (sql) => {
  expect(conditionTrouble(sql)).toBeNull();
});

test.each([
  ['', 'an empty text'],
  ['true; DROP TABLE orders', 'a ;'],
  ['true) OR (true', 'a ) without its ('],
  ['true) FROM orders --', 'a ) without its ('],
  ['(true', 'a ( that is not closed'],
  ['(true]', 'a ] without its ['],
  ['true -- no more', 'the comment --'],
  ['true /* no more', 'the comment /*'],
  ["name = 'open", "a ' that is not closed"],
  ["name = 'a''", "a ' that is not closed"],
  ['"name = 1', 'a " that is not closed'],
  ["name = E'\\'; DROP TABLE orders", 'a text with the prefix E'],
  ["name = $$it's$$", 'a $'],
  ['amount > $1', 'a $'],
  ['amount > (SELECT 1)', 'a query (SELECT)'],
  ['1 IN (TABLE pg_class)', 'a query (TABLE)'],
  ['a\0b', 'a zero byte'],
])('the condition %s is refused for %s', (sql, found) => {
  expect(conditionTrouble(sql)).toMatchObject({ found, remedy: expect.stringMatching(/\.$/) as string });
});

test('texts and names hide nothing: what is outside of them is all that counts', () => {
  const inside = fc.string({ unit: fc.constantFrom("'", '"', ';', ')', '--', 'a', ' ', '/*') });
  fc.assert(
    fc.property(inside, inside, (text, name) => {
      const sql = `'${text.replaceAll("'", "''")}' = "${name.replaceAll('"', '""')}x"`;
      return conditionTrouble(sql) === null && conditionTrouble(`${sql};`) !== null;
    }),
  );
});

test('the functions that a condition calls are known by their names', () => {
  expect(calledNames('Lower(a) = "My Fn" (b) AND pg_catalog.random() < c AND d IN (1)')).toEqual([
    'lower',
    'My Fn',
    'random',
    'in',
  ]);
});
