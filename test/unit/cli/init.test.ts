import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import { loadline, plain } from './streams';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-init-'));
});
afterEach(() => rm(folder, { recursive: true }));

const text = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');
const files = async (): Promise<string[]> => {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name).slice(folder.length + 1)).sort(); // prettier-ignore
};
const project = (name: string): string[] =>
  ['.gitignore', 'README.md', `contracts/${name}.ts`, 'loadline.config.ts', 'package.json', 'register.d.ts', `test/${name}.test.ts`, 'tsconfig.json', `workflows/${name}.ts`]; // prettier-ignore

test('without a sample, a project of orders is made, and no word of a template is left', async () => {
  const { code, out, err } = await loadline('init', join(folder, 'shop'));
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(await files()).toEqual([...project('orders'), 'data/orders/orders.csv'].map((f) => `shop/${f}`).sort());
  for (const file of await files()) expect(await text(file)).not.toMatch(/__\w+__/);
  expect(JSON.parse(await text('shop/package.json'))).toMatchObject({
    name: 'shop',
    scripts: { load: 'loadline run loadOrders' },
    dependencies: { loadline: expect.stringMatching(/^\^\d+\.\d+\.\d+/) },
  });
  expect(await text('shop/.gitignore')).toContain('.loadline/\n');
  expect(plain(out)).toMatch(/✓ orders {2}5 rows, 6 columns, key order_id\n/);
  expect(plain(out)).toMatch(/npm install\n +npm test .*\n +npm run dev .*\n +npm run load/);
});

test('a sample is profiled, copied below data/, and read as it is written', async () => {
  const sample = join(folder, 'Umsätze 2026-11.csv');
  await writeFile(sample, 'Kd.-Nr.;Betrag\n001;1,50\n001;2,50\n');
  expect(await loadline('init', folder, '--from', sample)).toMatchObject({ code: 0 });
  expect(await files()).toEqual([...project('umsaetze'), 'data/umsaetze/Umsätze 2026-11.csv', basename(sample)].sort());
  expect(await text('workflows/umsaetze.ts')).toContain(
    "mode: 'append',\n    from: files('raw', 'umsaetze/*.csv', { delimiter: ';' }),",
  );
  expect(await text('contracts/umsaetze.ts')).toContain("format: 'decimal-comma'");
});

test('a sample that lies in data/ already, and a large one anywhere, are read where they lie', async () => {
  await mkdir(join(folder, 'data/in'), { recursive: true });
  await writeFile(join(folder, 'data/in/a.tsv'), 'id\tname\n1\tx\n');
  expect(await loadline('init', folder, '--from', join(folder, 'data/in/a.tsv'), '--name', 'things')).toMatchObject({
    code: 0,
  });
  expect(await files()).toEqual([...project('things'), 'data/in/a.tsv'].sort());
  expect(await text('workflows/things.ts')).toContain("files('raw', 'in/*.tsv')");

  const large = createWriteStream(join(folder, 'large.csv'));
  large.write('id,name\n');
  for (let i = 0; i < 21; i++)
    large.write(Array.from({ length: 1000 }, (_, n) => `${i * 1000 + n},${'x'.repeat(1000)}\n`).join(''));
  await once(large.end(), 'finish');
  expect((await stat(join(folder, 'large.csv'))).size).toBeGreaterThan(20_000_000);
  const { code, out } = await loadline('init', join(folder, 'big'), '--from', join(folder, 'large.csv'));
  expect(code).toBe(0);
  expect(plain(out)).toContain(`large.csv of ${folder}, where the sample lies: it is too large to copy`);
  expect((await files()).filter((f) => f.startsWith('big/'))).toEqual(
    project('large')
      .map((f) => `big/${f}`)
      .sort(),
  );
  expect(await text('big/loadline.config.ts')).toContain(`root: '${folder}'`);
  expect(await text('big/test/large.test.ts')).toContain("stores: 'configured'");
});

test('a project that exists is added to, and loses nothing', async () => {
  await writeFile(
    join(folder, 'package.json'),
    '{\n\t"name": "mine",\n\t"scripts": { "dev": "vite", "test": "echo \\"Error: no test specified\\" && exit 1" },\n\t"devDependencies": { "typescript": "5.9.0" }\n}\n',
  );
  await writeFile(join(folder, 'tsconfig.json'), '{ "mine": true }');
  await writeFile(join(folder, '.gitignore'), '/node_modules\n*.log');
  const { code, out } = await loadline('init', folder);
  expect(code).toBe(0);
  const manifest = await text('package.json');
  expect(JSON.parse(manifest)).toMatchObject({
    name: 'mine',
    scripts: { dev: 'vite', test: 'tsx --test test/*.test.ts', load: 'loadline run loadOrders' },
    devDependencies: { typescript: '5.9.0', tsx: expect.any(String) },
    dependencies: { loadline: expect.any(String) },
  });
  expect(manifest).toContain('\n\t"name"');
  expect(await text('tsconfig.json')).toBe('{ "mine": true }');
  expect(await text('.gitignore')).toBe('/node_modules\n*.log\n.loadline/\n.env\n');
  expect(plain(out)).toContain('kept      tsconfig.json');
  expect(plain(out)).toContain('! package.json has another script of this name: "dev": "loadline dev"');
  expect(plain(out)).toContain('npx loadline dev');
});

test('a folder that cannot be made is named', async () => {
  await writeFile(join(folder, 'file'), '');
  const { code, err } = await loadline('init', join(folder, 'file'));
  expect({ code, err: plain(err) }).toEqual({
    code: 2,
    err: `✗ Usage  ${join(folder, 'file')} cannot be written: EEXIST.\n→ Name a folder that you may write to.\n`,
  });
});

test('where a file of the pipeline exists, nothing is written', async () => {
  await mkdir(join(folder, 'contracts'));
  await writeFile(join(folder, 'contracts/orders.ts'), 'mine');
  const { code, err } = await loadline('init', folder);
  expect(code).toBe(2);
  expect(plain(err)).toContain('Nothing was written, since there is already: contracts/orders.ts.');
  expect(await files()).toEqual(['contracts/orders.ts']);
  expect(await text('contracts/orders.ts')).toBe('mine');
});

test('a table whose name the project has a use for already gets other names around it', async () => {
  expect(await loadline('init', folder, '--name', 'table')).toMatchObject({ code: 0 });
  // `loadTable` is the ready workflow, which would be run in its place.
  expect(await text('workflows/table.ts')).toContain('function loadTableFiles()');
  expect(JSON.parse(await text('package.json'))).toMatchObject({ scripts: { load: 'loadline run loadTableFiles' } });
  const other = join(folder, 'other');
  expect(await loadline('init', other, '--name', 'env')).toMatchObject({ code: 0 });
  expect(await text('other/loadline.config.ts')).toContain("import { env_ } from './contracts/env';");
});

test('a sample with older versions of rows makes a test that counts them', async () => {
  const rows = ['B1,1,2026-11-03', 'B2,2,2026-11-04', 'B1,3,2026-11-05'];
  await writeFile(join(folder, 'orders.csv'), ['order_no,amount,updated_at', ...rows, ''].join('\n'));
  const { code, out } = await loadline('init', join(folder, 'shop'), '--from', join(folder, 'orders.csv'));
  expect({ code, first: plain(out).split('\n')[0] }).toEqual({
    code: 0,
    first: '✓ orders  3 rows, 3 columns, key order_no (2 different)',
  });
  expect(await text('shop/test/orders.test.ts')).toContain('{ inserted: 2, duplicates: 1 }');
});

test.each([
  [['--name', 'Big Orders'], 'Say --name big_orders.'],
  [['--from', 'nowhere.csv'], 'nowhere.csv\n  more  loadline explain SourceNotFound\n→ Correct the path.'],
  [['--from', tmpdir()], '→ Name one of the files in it.'],
  [['--format', 'xls'], '--format xls is unknown'],
])('init %p is refused before anything is written', async (options, told) => {
  const { code, err } = await loadline('init', folder, ...options);
  expect(code).not.toBe(0);
  expect(plain(err)).toContain(told);
  expect(await files()).toEqual([]);
});
