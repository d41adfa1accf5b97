import fc from 'fast-check';
import { globSearch, keyOf, literalStart, placeHash } from '../../../activities/stores/objects/object-keys';
import { ofCode } from '../sources/files';

const space = { prefix: 'landing/', nameOf: (path: string) => `raw/${path}` };

test.each([
  ['orders/2026-11-22/*.csv', 'orders/2026-11-22/'],
  ['orders/2026-*/a.csv', 'orders/2026-'],
  ['a{b,c}', 'a'],
  ['**', ''],
  ['a.csv', 'a.csv'],
  ['a\\*.csv', 'a'],
])('the keys that %p can match begin with %p', (glob, start) => expect(literalStart(glob)).toBe(start));

/** What is refused matches nothing. */
function searchOf(glob: string): ReturnType<typeof globSearch> {
  try {
    return globSearch(space, glob);
  } catch {
    return { prefix: space.prefix, matches: () => false };
  }
}

test('whatever matches a glob begins with its literal start', () => {
  const letter = fc.constantFrom(
    'a',
    'b',
    '/',
    '.',
    '*',
    '?',
    '[',
    ']',
    '{',
    ',',
    '}',
    '(',
    ')',
    '!',
    '+',
    '@',
    '|',
    '\\',
  );
  const glob = fc.array(letter, { minLength: 1, maxLength: 8 }).map((letters) => letters.join(''));
  const path = fc
    .array(fc.constantFrom('a', 'b', '/', '.', '*'), { minLength: 1, maxLength: 6 })
    .map((l) => l.join(''));
  fc.assert(
    fc.property(glob, path, (pattern, text) => {
      const { prefix, matches } = searchOf(pattern);
      if (text.split('/').every((part) => part !== '' && !/^\.\.?$/.test(part)) && matches(text))
        expect(text.startsWith(prefix.slice(space.prefix.length))).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('a glob is searched under the prefix of the store, and matches paths relative to it', () => {
  const search = globSearch(space, 'orders/*.csv');
  expect(search.prefix).toBe('landing/orders/');
  expect(['orders/a.csv', 'orders/x/a.csv', 'orders/', ''].map((path) => search.matches(path))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test.each(['orders//a.csv', 'orders/./a.csv', 'orders/../orders/a.csv'])(
  'a key that is no path is refused where the glob may mean it: %p',
  (key) => expect(() => globSearch(space, 'orders/**/*.csv').matches(key)).toThrow(ofCode('InvalidRequest')),
);

test('a path names one key, however it is written', () => {
  expect([keyOf(space, 'a/b.csv'), keyOf(space, './a//b.csv')]).toEqual(['landing/a/b.csv', 'landing/a/b.csv']);
  for (const path of ['a/', '.', '../a', '/a', '']) expect(() => keyOf(space, path)).toThrow(ofCode('InvalidRequest'));
});

test('equal keys in different buckets have different identities', () => {
  expect(placeHash('s3://a', 'b/c')).not.toBe(placeHash('s3://a/b', 'c'));
});
