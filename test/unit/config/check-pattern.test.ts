import fc from 'fast-check';
import { patternTrouble } from '../../../activities/contracts/check-pattern';

test.each([
  '[A-Z]{2}\\d{8}',
  '(?:a|b)+c?',
  '^\\w+@\\w+\\.(com|org)$',
  '[^\\s,;-]{1,255}',
  '[[:alpha:]_]*',
  '.*\\.csv',
  'a{2,}|(b|)',
  '[+\\-*/]',
  'ü+',
  'a}b]',
])('the pattern %s is read alike everywhere', (pattern) => {
  expect(patternTrouble(pattern)).toBeNull();
});

test.each([
  ['', 'an empty pattern'],
  ['(?=a)b', 'the lookahead (?=…)'],
  ['a(?!b)', 'the lookahead (?!…)'],
  ['(?<=a)b', 'the lookbehind (?<=…)'],
  ['(?<!a)b', 'the lookbehind (?<!…)'],
  ['(?<year>\\d+)', 'a named group'],
  ['(?P<year>\\d+)', 'a named group'],
  ['(?i)abc', 'the flags (?i…'],
  ['(?i:abc)', 'the flags (?i…'],
  ['(a)\\1', 'the back reference \\1'],
  ['\\bword\\b', 'the word boundary \\b'],
  ['\\Aword', 'the anchor \\A'],
  ['\\pL+', 'the escape \\p'],
  ['\\u0041', 'the escape \\u'],
  ['[\\D]', 'the escape \\D inside of a class'],
  ['[]a]', 'an empty class, or one that begins with ]'],
  ['[z-a]', 'the range z-a'],
  ['[a-\\d]', 'the range a-\\d'],
  ['[a-c-e]', 'a - inside of a class'],
  ['[[.a.]]', 'a [ inside of a class'],
  ['[abc', 'a [ without its ]'],
  ['(abc', 'a ( without its )'],
  ['abc)', 'a ) without its ('],
  ['a**', '*'],
  ['a+?', '?'],
  ['+a', '+'],
  ['^*', '*'],
  ['a{256}', '{256}'],
  ['a{3,2}', '{3,2}'],
  ['a{,3}', 'a { that is no {m}, {m,} or {m,n}'],
  ['abc\\', 'a \\ at the end'],
])('the pattern %s is refused for %s', (pattern, construct) => {
  expect(patternTrouble(pattern)).toMatchObject({ construct, remedy: expect.stringMatching(/\.$/) as string });
});

test('what is accepted is a regular expression to others as well', () => {
  const piece = fc.constantFrom(
    'a',
    'Z',
    '\\d',
    '[a-c]',
    '[^x]',
    '(',
    ')',
    '(?:',
    '|',
    '*',
    '+',
    '{2}',
    '.',
    '\\.',
    '-',
    '[',
    ']',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }).map((p) => p.join('')),
      (pattern) => {
        if (patternTrouble(pattern) === null) expect(() => new RegExp(`^(?:${pattern})$`)).not.toThrow();
      },
    ),
  );
});
