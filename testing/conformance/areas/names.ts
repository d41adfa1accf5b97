import assert from 'node:assert/strict';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import type { Ground } from '../support/ground';
import { randomNumbers } from '../support/model';

const hostile = [
  'select', 'table', 'user', 'order', 'group', 'primary', 'SELECT', 'Mixed Case', 'a.b', 'a/b', '%2E', "it's", 'say "x"', '"', "'", '`',
  '[x]', ' x', '$1', '?', ':x', '@x', '%s', '{}', '-- x', '/* x', '; DROP TABLE x', 'tab\there', 'line\nbreak', 'back\\slash', 'ß', 'é',
  'e\u0301', '日本語', '\u{1F600}', '\u202Ex', '\u00a0', '1', '0x', 'null', 'true', 'x'.repeat(60),
]; // prettier-ignore
const pieces = [
  '"',
  "'",
  '`',
  '\\',
  ';',
  '--',
  '/*',
  '*/',
  '.',
  '%',
  '$',
  '?',
  ' ',
  '\t',
  'a',
  'B',
  'é',
  '😀',
  ']',
  '[',
  '{',
  ',',
  '(',
  ')',
];
const randomColumns = 40;
const columnsPerTable = 20;
const seed = 20_261_128;

/** Names that break quoting. */
export function names(suite: Suite): void {
  const test = suite.test.bind(suite, 'names');
  const { allowsName = () => true } = suite.options;
  const allowed = (of: 'table' | 'column') => (name: string) =>
    name !== '' && !name.startsWith('_loadline') && allowsName(name, of);
  suite.area('names', () => {
    test('columns of any name are merged by, compared and read back', async (ground) => {
      const found = unlike([...hostile, ...randomNames()].filter(allowed('column')));
      assert.ok(found.length > 0, 'allowsName allows none of the names');
      for (let at = 0; at < found.length; at += columnsPerTable)
        await columnsNamed(ground, found.slice(at, at + columnsPerTable));
    });

    test('tables of any name are made, loaded and locked apart', async (ground) => {
      // Of a table's name also what a catalogue identity and a load key are made of.
      const found = unlike(
        ['a.b', 'a%2Eb', 'a/b', 'Mixed Case', 'say "x"', "it's", 'select', '日本語'].filter(allowed('table')),
      );
      const tables = found.map((name) => ground.table({ name }));
      for (const table of tables)
        await carry(ground.run(), table.csv('merge', [`1,${quotedName(table.name)},`], { day: 1 }));
      for (const table of tables) assert.equal((await table.rows(['v']))[0]?.[0], table.name);
    });
  });
}

const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function columnsNamed(ground: Ground, found: readonly string[]): Promise<void> {
  const [key] = found;
  const columns = Object.fromEntries(found.map((name) => [name, { type: 'text' }]));
  const table = ground.table({ columns, key: [key!] });
  // Not in the order of `found`: objects put names that are whole numbers first.
  const names = table.columns;
  const line = (mark: string, id: string): string =>
    names.map((name) => (name === key ? id : quotedName(`${mark}${name}`))).join(',');
  await carry(ground.run(), table.csv('merge', [line('old ', 'k1'), line('', 'k2')], { day: 1 }));
  const receipt = await carry(ground.run(), table.csv('merge', [line('', 'k1'), line('', 'k3')], { day: 2 }));
  assert.deepEqual([receipt.tables[0]!.inserted, receipt.tables[0]!.updated], [1, 1], JSON.stringify(found));
  const expected = ['k1', 'k2', 'k3'].map((id) => found.map((name) => (name === key ? id : name)));
  assert.deepEqual(await table.rows(found), expected);
}

/** Names that no warehouse takes for one another. */
function unlike(found: readonly string[]): string[] {
  return [...new Map(found.map((name) => [name.normalize('NFC').trim().toLowerCase(), name])).values()];
}

/** Names that only quoting saves, the same in every run. */
function randomNames(): string[] {
  const random = randomNumbers(seed);
  const piece = (): string => pieces[random(pieces.length)]!;
  return Array.from({ length: randomColumns }, () => Array.from({ length: 1 + random(6) }, piece).join('')).filter(
    (name) => name.trim() !== '',
  );
}
