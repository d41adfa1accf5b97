import { mkdir, open, writeFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import { openLab, type Lab } from '../integration/support/lab';
import { expectRefused } from '../integration/support/refusal';
import { raw } from '../integration/support/source';

jest.setTimeout(900_000);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('full_sizes');
});
afterAll(() => lab.stop());

const megabyte = 'x'.repeat(1_000_000);

/** Writes a file with one line of so many millions of characters. */
async function longLine(path: string, before: string, megabytes: number, after: string): Promise<void> {
  await lab.file(path, before);
  const file = await open(lab.path(path), 'a');
  for (let i = 0; i < megabytes; i++) await file.write(megabyte);
  await file.write(after);
  await file.close();
}

// More than the parameters that a statement may have.
test('70,000 files of one glob are one load, and one more file is the next', async () => {
  const into = lab.contract({ name: 'many', columns: { id: { type: 'integer' } }, create: 'if-missing' });
  const request = { pipeline: 'many', into, mode: 'append' as const, from: raw('many/**/*.csv') };
  const limit = pLimit(64);
  const folders = Array.from({ length: 70 }, (_, i) => lab.path(`many/${i}`));
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  const files = folders.flatMap((folder, i) =>
    Array.from({ length: 1_000 }, (_, j) => limit(() => writeFile(`${folder}/${j}.csv`, `id\n${i * 1_000 + j}\n`))),
  );
  await Promise.all(files);
  const receipt = await lab.load(request);
  expect([receipt.batch.files, receipt.tables[0]!.inserted]).toEqual([70_000, 70_000]);
  await lab.file('many/late/1.csv', 'id\n70000\n');
  const next = await lab.load(request);
  expect([next.batch.files, next.batch.filesSkipped, next.tables[0]!.inserted]).toEqual([1, 70_000, 1]);
  expect((await lab.load(request)).outcome).toBe('already-loaded');
  const found = await lab.rows('SELECT count(*)::int AS n, count(DISTINCT id)::int AS ids, max(id) AS last FROM many');
  expect(found).toEqual([{ n: 70_001, ids: 70_001, last: 70_000 }]);
});

test('JSON of 1 GB in one line is refused, with what to do', async () => {
  const into = lab.contract({ name: 'json', columns: { a: { type: 'json' } }, create: 'if-missing' });
  await longLine('json/a.ndjson', '{"a":"', 1_000, '"}\n');
  await longLine('json/b.json', '[{"a":"', 1_000, '"}]');
  const request = (file: string, format?: 'ndjson') => ({
    pipeline: file,
    into,
    mode: 'append',
    from: raw(`json/${file}`, { ...(format && { format }) }),
  });
  const says = ['json/a.ndjson', 'at most 67108864 bytes', 'line 1', 'jq'];
  await expectRefused(lab, request('a.ndjson'), { code: 'RowTooLong', says, hides: ['xxxxxxxxxxxxxxxx'] });
  const array = { code: 'UnsupportedFormat', says: ['json/b.json', 'jq'], hides: ['xxxxxxxxxxxxxxxx'] } as const;
  await expectRefused(lab, request('b.json'), array);
  await expectRefused(lab, request('b.json', 'ndjson'), array);
});

test('a CSV row of 1.1 GB is refused: it is longer than PostgreSQL takes', async () => {
  const into = lab.contract({ name: 'row', columns: { a: { type: 'text' } }, create: 'if-missing' });
  await longLine('row/a.csv', 'a\n', 1_100, '\n');
  const request = { pipeline: 'row', into, mode: 'append', from: raw('row/a.csv') };
  await expectRefused(lab, request, { code: 'RowTooLong', says: ['row/a.csv', 'line 2'], hides: ['xxxxxxxxxxxxxxxx'] });
});

test.each(['append', 'merge'] as const)('a text of 200 MB is loaded whole by %s', async (mode) => {
  const name = `long_${mode}`;
  const columns = { id: { type: 'integer' }, note: { type: 'text' } } as const;
  const into = lab.contract({ name, columns, key: ['id'], create: 'if-missing' });
  await longLine(`${name}/a.csv`, 'id,note\n1,"', 200, '\n"\n2,short\n');
  const receipt = await lab.load({ pipeline: name, into, mode, from: raw(`${name}/a.csv`) });
  expect(receipt.tables[0]).toMatchObject({ read: 2, inserted: 2 });
  const found = await lab.rows(
    `SELECT id, length(note) AS n, md5(note) = md5(CASE id WHEN 1 THEN repeat('x', 200000000) || E'\\n' ELSE 'short' END) AS same
     FROM ${name} ORDER BY id`,
  );
  expect(found).toEqual([
    { id: 1, n: 200_000_001, same: true },
    { id: 2, n: 5, same: true },
  ]);
});
