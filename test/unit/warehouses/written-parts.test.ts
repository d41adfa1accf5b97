import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writtenParts } from '../../../activities/warehouses/snowflake/written-parts';
import { bulkInput, removeBatches } from '../../warehouses/bigquery/batches';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadline-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(removeBatches);

const rowsOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${from + i},${'x'.repeat(1_000)}\n`).join('');
const textOf = (path: string): string => gunzipSync(readFileSync(path)).toString();

async function partsOf(files: Readonly<Record<string, string>>, most?: number): Promise<string[]> {
  const input = await bulkInput('stage', { files, columns: { id: 'bigint', v: 'text' } });
  const parts: string[] = [];
  for await (const path of writtenParts(input, folder, most)) {
    expect(readdirSync(folder)).toHaveLength(1);
    parts.push(textOf(path));
    rmSync(path);
  }
  return parts;
}

test('many small files are one part', async () => {
  const files = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${100 + i}.csv`, `id,v\n${i},a\n`]));
  expect(await partsOf(files)).toEqual([Array.from({ length: 50 }, (_, i) => `"${i}","a"\n`).join('')]);
});

test('a large file is several parts of whole rows, which together are all of its rows in order', async () => {
  const files = { 'a.csv': `id,v\n${rowsOf(0, 2_000)}`, 'b.csv': `id,v\n${rowsOf(2_000, 3_000)}` };
  const [whole] = await partsOf(files);
  const parts = await partsOf(files, 500_000);
  expect(parts.length).toBeGreaterThan(4);
  expect(parts.every((part) => part.endsWith('"\n') && part.startsWith('"'))).toBe(true);
  expect(parts.join('')).toBe(whole);
});

test('a batch without rows has no part', async () => {
  expect(await partsOf({ 'a.csv': 'id,v\n' })).toEqual([]);
});

test('a row that does not fit ends it after the parts before, told by its file and line', async () => {
  const files = { 'a.csv': `id,v\n${rowsOf(0, 1_000)}`, 'b.csv': 'id,v\n1,a\nx,b\n' };
  const input = await bulkInput('stage', { files, columns: { id: 'bigint', v: 'text' } });
  const parts: string[] = [];
  const reading = (async () => {
    for await (const path of writtenParts(input, folder, 300_000)) parts.push(path);
  })();
  await expect(reading).rejects.toMatchObject({ type: 'InvalidValue', message: expect.stringContaining('b.csv') });
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.every(existsSync)).toBe(true);
});
