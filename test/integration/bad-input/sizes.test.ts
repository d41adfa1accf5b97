import { unlink, writeFile } from 'node:fs/promises';
import { openLab, type Lab } from '../support/lab';
import { expectRefused } from '../support/refusal';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('sizes');
});
afterAll(() => lab.stop());

const wide = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);
const integers = (count: number) => Object.fromEntries(wide(count).map((name) => [name, { type: 'integer' as const }]));

test('1,600 columns are loaded; one more is refused before anything is made', async () => {
  const rows = [wide(1600), wide(1600).map((_, i) => i)].join('\n');
  const into = lab.contract({ name: 'wide', columns: integers(1600), create: 'if-missing' });
  await lab.file('wide/a.csv', rows);
  await lab.load({ pipeline: 'wide', into, mode: 'replace', from: raw('wide/a.csv') });
  expect(await lab.rows('SELECT c0, c1599 FROM wide')).toEqual([{ c0: 0, c1599: 1599 }]);

  const wider = lab.contract({ name: 'wider', columns: integers(1600), create: 'if-missing' });
  const append = { pipeline: 'wider', into: wider, mode: 'append', from: raw('wide/a.csv') };
  await expectRefused(lab, append, { code: 'TooManyColumns', says: ['wider', 'at most 1600', '1601'] });
  await lab.file('wide/b.csv', wide(1601).join(','));
  const extra = lab.contract({ name: 'extra', table: 'main/wide', columns: integers(1), extraColumns: 'ignore' });
  const request = { pipeline: 'extra', into: extra, mode: 'replace', from: raw('wide/b.csv') };
  await expectRefused(lab, request, { code: 'TooManyColumns', says: ['extra', '1601'] });
});

test('a column under nearly the same name is named', async () => {
  const into = lab.contract({ name: 'near', columns: { amount: { type: 'integer' } }, create: 'if-missing' });
  await lab.file('near/a.csv', 'Amuont\n1\n');
  const request = { pipeline: 'near', into, mode: 'append', from: raw('near/*') };
  await expectRefused(lab, request, { code: 'MissingColumn', says: ['near/a.csv: amount', 'from: "Amuont"'] });
});

test('a glob that matches nothing says where it looked', async () => {
  const into = lab.contract({ name: 'nothing', columns: { a: { type: 'integer' } }, create: 'if-missing' });
  const request = { pipeline: 'nothing', into, mode: 'append', from: raw('nothing/*.csv') };
  await expectRefused(lab, request, { code: 'NoFilesMatched', says: [lab.root, 'nothing/*.csv'] });
});

test('a value that does not have its format is named with its file', async () => {
  const columns = { day: { type: 'date', format: 'dd.MM.yyyy' } } as const;
  const into = lab.contract({ name: 'formats', columns, create: 'if-missing' });
  await lab.file('formats/a.csv', 'day\n2026-11-22\n');
  await lab.file('formats/b.csv', 'day\n31.02.2026\n');
  const request = (file: string) => ({ pipeline: file, into, mode: 'append', from: raw(`formats/${file}`) });
  await expectRefused(lab, request('a.csv'), { code: 'InvalidValue', says: ['formats/a.csv, column day', '1 of 1'] });
  await expectRefused(lab, request('b.csv'), { code: 'InvalidValue', says: ['formats/b.csv, column day'] });
});

test('a folder in the place of a file, and a file that is deleted, are refused', async () => {
  const into = lab.contract({ name: 'gone', columns: { a: { type: 'integer' } }, create: 'if-missing' });
  await lab.file('gone/a.csv/b.txt', '');
  await lab.file('gone/c.csv', 'a\n1\n');
  const request = (path: string) => ({ pipeline: 'gone', into, mode: 'append', from: raw(path) });
  await expectRefused(lab, request('gone/a.csv'), { code: 'InvalidRequest', says: ['gone/a.csv', 'a folder'] });
  await unlink(lab.path('gone/c.csv'));
  await expectRefused(lab, request('gone/c.csv'), { code: 'SourceNotFound', says: ['gone/c.csv'] });
});

test('a text of 20 million characters is loaded whole', async () => {
  const into = lab.contract({ name: 'long', columns: { note: { type: 'text' } }, create: 'if-missing' });
  await lab.file('long/a.csv', '');
  await writeFile(lab.path('long/a.csv'), `note\n${'0123456789'.repeat(2_000_000)}\n`);
  await lab.load({ pipeline: 'long', into, mode: 'append', from: raw('long/a.csv') });
  expect(await lab.rows('SELECT length(note) AS n, md5(note) = md5(repeat($1, 2000000)) AS same FROM long', ['0123456789'])).toEqual([{ n: 20_000_000, same: true }]); // prettier-ignore
});
