import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { ColumnContract } from '../../../workflows/table-contract';
import { writeParquet } from '../../unit/sources/files';
import { openLab, type Lab } from '../support/lab';
import { expectRefused } from '../support/refusal';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('bad_rows');
  await lab.rows(`CREATE TABLE kept AS SELECT 1 AS id, 'as before' AS name`);
});
afterAll(() => lab.stop());

const marker = 'S3CRET-VALUE';
const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;

interface BadFile {
  readonly what: string;
  readonly content: string | Buffer;
  readonly file?: string;
  readonly columns?: Readonly<Record<string, ColumnContract>>;
  readonly more?: object;
  readonly code: LoadErrorCode;
  readonly says: readonly (string | RegExp)[];
}

const day = (format: string): Record<string, ColumnContract> => ({
  id: { type: 'integer' },
  day: { type: 'date', format, from: 'Day of delivery' },
});

const bad: readonly BadFile[] = [
  {
    what: 'a packed file that ends early',
    file: 'a.csv.gz',
    content: gzipSync(`id,name\n${`1,${marker}\n`.repeat(50_000)}`).subarray(0, -20),
    code: 'CorruptFile',
    says: ['a.csv.gz', 'complete gzip', 'ends early'],
  },
  {
    what: 'a row with too many fields',
    content: `id,name\n1,a\n2,${marker},3\n`,
    code: 'RaggedRow',
    says: ['a.csv', 'line 3'],
  },
  {
    what: 'a row with too few fields',
    content: `id,name\n1,${marker}\n2\n`,
    code: 'RaggedRow',
    says: ['a.csv', 'line 3'],
  },
  { what: 'a quote that is never closed', content: `id,name\n1,"${marker}\n2,b\n`, code: 'RaggedRow', says: ['a.csv'] },
  {
    what: 'bytes that are no UTF-8',
    content: Buffer.from(`id,name\n1,${marker}\xe9\n`, 'latin1'),
    code: 'InvalidEncoding',
    says: ['a.csv', 'UTF-8'],
  },
  {
    what: 'bytes that are no UTF-8 far into the file',
    content: Buffer.concat([
      Buffer.from(`id,name\n${'1,aaaaaaaa\n'.repeat(50_000)}`),
      Buffer.from(`2,${marker}\xe9\n`, 'latin1'),
    ]),
    code: 'InvalidEncoding',
    says: ['a.csv', 'line 50002', 'UTF-8'],
  },
  {
    what: 'UTF-16',
    content: Buffer.from(`\uFEFFid,name\n1,${marker}\n`, 'utf16le'),
    code: 'InvalidEncoding',
    says: ['a.csv', 'UTF-16', 'UTF-8'],
  },
  {
    what: 'a zero byte in a text',
    content: `id,name\n1,${marker}\0\n`,
    code: 'InvalidValue',
    says: ['a.csv', 'line 2', 'zero byte'],
  },
  {
    what: 'a zero character in JSON',
    content: `id,tree\n1,"{""a"": ""${marker}\\u0000""}"\n`,
    columns: { id: { type: 'integer' }, tree: { type: 'json' } },
    code: 'InvalidValue',
    says: ['a.csv', 'tree', 'line 2', 'zero byte'],
  },
  {
    what: 'broken JSON',
    content: `id,tree\n1,"{""a"": ${marker}}"\n`,
    columns: { id: { type: 'integer' }, tree: { type: 'json' } },
    code: 'InvalidValue',
    says: ['a.csv', 'tree', 'line 2', 'jsonb'],
  },
  {
    what: 'a column that the contract does not name',
    content: `id,name,surname\n1,a,${marker}\n`,
    code: 'UnknownColumn',
    says: ['a.csv', 'surname', 'ignore'],
  },
  {
    what: 'a missing column',
    content: `id,nam\n1,${marker}\n`,
    code: 'MissingColumn',
    says: ['a.csv', ': name', 'id, nam'],
  },
  {
    what: 'a column named twice',
    content: `id,name,name\n1,a,${marker}\n`,
    code: 'InvalidValue',
    says: ['a.csv', '"name" twice'],
  },
  {
    what: 'a word where a number is due',
    content: `id,name\n1,a\n${marker},b\n`,
    code: 'InvalidValue',
    says: ['a.csv', 'column id', 'integer', 'line 3'],
  },
  {
    what: 'a number that is too large',
    content: `id,name\n2147483648,${marker}\n`,
    code: 'InvalidValue',
    says: ['a.csv', 'column id', 'integer', 'line 2'],
  },
  {
    what: 'a decimal that is too large',
    content: `id,amount\n1,99999\n`,
    columns: { id: { type: 'integer' }, amount: { type: 'decimal(4,2)' } },
    code: 'InvalidValue',
    says: ['a.csv', 'column amount', 'numeric(4,2)', 'line 2'],
  },
  {
    what: 'a date that does not exist',
    content: 'id,day\n1,2026-02-31\n',
    columns: { id: { type: 'integer' }, day: { type: 'date' } },
    code: 'InvalidValue',
    says: ['a.csv', 'column day', 'date', 'line 2'],
  },
  {
    what: 'a date of a pattern that does not exist',
    content: 'id,Day of delivery\n1,31.02.2026\n',
    columns: day('dd.MM.yyyy'),
    code: 'InvalidValue',
    says: ['Day of delivery', 'dd.MM.yyyy'],
  },
  {
    what: 'a date in another order',
    content: 'id,Day of delivery\n1,2026-01-31\n',
    columns: day('dd.MM.yyyy'),
    code: 'InvalidValue',
    says: ['Day of delivery', 'dd.MM.yyyy', '1 of 1 rows'],
  },
  {
    what: 'a month that does not exist',
    content: 'id,Day of delivery\n1,01-Foo-2026\n',
    columns: day('dd-MMM-yyyy'),
    code: 'InvalidValue',
    says: ['Day of delivery', 'dd-MMM-yyyy'],
  },
  {
    what: 'a fraction where a whole number with a decimal comma is due',
    content: 'id,n\n1,"1.234,5"\n',
    columns: { id: { type: 'integer' }, n: { type: 'integer', format: 'decimal-comma' } },
    code: 'InvalidValue',
    says: ['column n', 'decimal-comma'],
  },
  {
    what: 'an epoch beyond all time',
    content: 'id,at\n1,9999999999999999\n',
    columns: { id: { type: 'integer' }, at: { type: 'timestamptz', format: 'epoch-seconds' } },
    code: 'InvalidValue',
    says: ['column at', 'epoch-seconds'],
  },
  {
    what: 'another word for yes',
    content: `id,y\n1,yes\n2,${marker}\n`,
    columns: { id: { type: 'integer' }, y: { type: 'boolean', format: 'yes/no' } },
    code: 'InvalidValue',
    says: ['column y', 'yes/no', '1 of 2 rows'],
  },
  {
    what: 'a key without a value',
    content: `id,name\n,${marker}\n2,b\n`,
    more: { key: ['id'] },
    code: 'NullKey',
    says: ['.id', '1 of 2 rows'],
  },
  {
    what: 'rows that contradict each other',
    content: `id,name\n1,${marker}\n1,b\n2,c\n`,
    more: { key: ['id'] },
    code: 'ConflictingDuplicates',
    says: ['1 key'],
  },
  {
    what: 'no value where one is due',
    content: `id,name\n1,\n`,
    columns: { id: { type: 'integer' }, name: { type: 'text', notNull: true } },
    more: { hold: false },
    code: 'NullValue',
    says: ['.name', '1 of 1 rows'],
  },
  {
    what: 'a value out of range',
    content: 'id,amount\n1,-0.01\n2,100.01\n3,5\n',
    columns: { id: { type: 'integer' }, amount: { type: 'decimal(12,2)', range: { min: 0, max: 100 } } },
    more: { hold: false },
    code: 'OutOfRange',
    says: ['.amount', '2 of 3 rows'],
  },
  {
    what: 'a value twice that must be unique',
    content: `id,name\n1,${marker}\n2,${marker}\n`,
    columns: { id: { type: 'integer' }, name: { type: 'text', unique: true } },
    code: 'NotUnique',
    says: ['.name', '1 value'],
  },
  {
    what: 'too few rows',
    content: `id,name\n1,${marker}\n`,
    more: { rows: { min: 2 }, hold: false },
    code: 'RowCount',
    says: ['2 or more rows', 'got 1 rows'],
  },
  {
    what: 'a header that is only empty',
    content: `,,\n1,${marker},3\n`,
    code: 'InvalidValue',
    says: ['a.csv', 'twice'],
  },
];

describe('a load is refused, with all as before, for', () => {
  test.each(bad.map((b, i) => ({ ...b, i })))(
    '$what',
    async ({ i, content, file = 'a.csv', columns: own = columns, more = {}, code, says }) => {
      const into = lab.contract({
        name: `bad-${i}`,
        table: `main/bad_${i}`,
        columns: own,
        create: 'if-missing',
        ...more,
      });
      await lab.file(`bad-${i}/${file}`, content);
      const request = { pipeline: `bad-${i}`, into, mode: 'append', from: raw(`bad-${i}/*`) };
      await expectRefused(lab, request, { code, says, hides: [marker] });
    },
  );
});

test('a wrong value in row 999,999 of a million is named by its line, and nothing of the rest arrives', async () => {
  const lines: string[] = ['id,name'];
  for (let i = 1; i <= 1_000_000; i++) lines.push(i === 999_999 ? `${marker},x` : `${i},x`);
  await writeFile(lab.path('million.csv'), lines.join('\n'));
  await lab.rows('CREATE TABLE million (id integer, name text)');
  const into = lab.contract({ name: 'million', columns });
  const request = { pipeline: 'million', into, mode: 'append', from: raw('million.csv') };
  await expectRefused(lab, request, {
    code: 'InvalidValue',
    says: ['million.csv', 'column id', 'integer', 'line 1000000'],
    hides: [marker],
  });
});

describe('the source', () => {
  test('that is not there', async () => {
    const into = lab.contract({ name: 'none', columns, create: 'if-missing' });
    const request = (glob: string, store = 'raw') => ({
      pipeline: 'none',
      into,
      mode: 'append',
      from: { ...raw(glob), store },
    });
    await expectRefused(lab, request('none/missing.csv'), {
      code: 'SourceNotFound',
      says: ['raw/none/missing.csv', 'path'],
    });
    await expectRefused(lab, request('none/*.csv'), { code: 'NoFilesMatched', says: ['raw:none/*.csv', 'glob'] });
    await expectRefused(lab, request('../*.csv'), { code: 'InvalidRequest', says: ['..', 'relative'] });
    await expectRefused(lab, request('/etc/passwd'), { code: 'InvalidRequest', says: ['/etc/passwd', 'absolute'] });
    await expectRefused(lab, request('*.csv', 'row'), { code: 'UnknownStore', says: ['row', 'one of raw', 'raw'] });
    await lab.file('none/a.xlsx', 'PK');
    await expectRefused(lab, request('none/a.xlsx'), { code: 'UnsupportedFormat', says: ['a.xlsx', '.csv'] });
    await lab.file('none/mixed.csv', 'id,name\n');
    await lab.file('none/mixed.tsv', 'id\tname\n');
    await expectRefused(lab, request('none/mixed.*'), {
      code: 'UnsupportedFormat',
      says: ['mixed', 'CSV', 'tab-separated'],
    });
  });

  test('whose path is SQL is loaded, from CSV and from Parquet', async () => {
    const into = lab.contract({ name: 'pathy', columns: { id: { type: 'integer' } }, create: 'if-missing' });
    const name = `x'); DROP TABLE kept; --"%s`;
    await lab.file(`pathy/${name}.csv`, 'id\n1\n');
    await writeParquet(lab.path(`pathy/${name}.parquet`), 'SELECT 2::INTEGER AS id');
    await lab.load({ pipeline: 'p', into, mode: 'append', from: raw(`pathy/${name}.csv`) });
    await lab.load({ pipeline: 'p', into, mode: 'append', from: raw('pathy/*.parquet') });
    expect(await lab.rows('SELECT id FROM pathy ORDER BY 1')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await lab.rows('SELECT name FROM kept')).toEqual([{ name: 'as before' }]);
  });

  test('in Parquet that is damaged, or holds text that is none', async () => {
    const into = lab.contract({ name: 'parquet', columns: { name: { type: 'text' } }, create: 'if-missing' });
    const request = (glob: string) => ({ pipeline: 'parquet', into, mode: 'append', from: raw(glob) });
    await lab.file('whole.parquet', '');
    await writeParquet(
      lab.path('whole.parquet'),
      `SELECT '${marker}-' || i AS name FROM range(1000) t(i)`,
      ', COMPRESSION uncompressed',
    );
    const whole = await readFile(lab.path('whole.parquet'));
    await lab.file('cut.parquet', whole.subarray(0, whole.length - 100));
    await expectRefused(lab, request('cut.parquet'), { code: 'CorruptFile', says: ['cut.parquet'], hides: [marker] });
    const broken = Buffer.from(whole.toString('latin1').replaceAll(`${marker}-5`, `${marker}\xff5`), 'latin1');
    await lab.file('encoding.parquet', broken);
    await expectRefused(lab, request('encoding.parquet'), {
      code: 'InvalidEncoding',
      says: ['encoding.parquet', 'UTF-8'],
      hides: [marker],
    });
  });
});
