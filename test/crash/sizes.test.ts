import { mkdir, open, writeFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import { adoptLoad } from '../../activities/adopt-load';
import { openDeps } from '../../workers/open-deps';
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

/** Writes so many files of one row each, a thousand to a folder. */
async function manyFiles(folder: string, first: number, count: number): Promise<void> {
  const limit = pLimit(64);
  const folders = Array.from({ length: count / 1_000 }, (_, i) => lab.path(`${folder}/${first + i * 1_000}`));
  await Promise.all(folders.map((made) => mkdir(made, { recursive: true })));
  const files = folders.flatMap((made, i) =>
    Array.from({ length: 1_000 }, (_, j) =>
      limit(() => writeFile(`${made}/${j}.csv`, `id\n${first + i * 1_000 + j}\n`)),
    ),
  );
  await Promise.all(files);
}

// More than the parameters that a statement may have. Adopting them reads and records each, and copies none.
test('70,000 files of one glob are one batch, and 3,000 more are the next', async () => {
  const into = lab.contract({ name: 'many', columns: { id: { type: 'integer' } } });
  await lab.rows('CREATE TABLE many (id integer, _loadline_load_id text)');
  const request = { pipeline: 'many', into, mode: 'append' as const, from: raw('many/**/*.csv') };
  await manyFiles('many', 0, 70_000);
  const deps = openDeps(lab.config);
  const by = { by: 'ann', reason: 'loaded by psql' };
  const adopted = await adoptLoad({ ...deps, searchAttributes: () => Promise.resolve(false) }, request, by).finally(
    deps.close,
  );
  expect(adopted.batch.files).toBe(70_000);
  await manyFiles('many', 70_000, 3_000);
  const next = await lab.load(request);
  expect([next.batch.files, next.batch.filesSkipped, next.tables[0]!.inserted]).toEqual([3_000, 70_000, 3_000]);
  const found = await lab.rows('SELECT count(DISTINCT id)::int AS ids, min(id) AS first, max(id) AS last FROM many');
  expect(found).toEqual([{ ids: 3_000, first: 70_000, last: 72_999 }]);
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
