import { gzipSync } from 'node:zlib';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { raw, sql, type BulkLoad } from '../../../activities/warehouses/sql/port';
import { bigQueryGcsRoot, clearStandinFaults, standinFault, standinJobs } from '../../services/bigquery/standin-client';
import { bulk, removeBatches } from './batches';
import { failureOf, openTestBackend, type TestBackend } from './support';

let backend: TestBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
afterEach(clearStandinFaults);
afterAll(removeBatches);

const stored = (input: BulkLoad): Promise<Record<string, unknown>[]> =>
  backend.rows('look', sql`SELECT * FROM ${raw(input.stage)} ORDER BY 1`);
const ab = { a: 'text', b: 'text' };

describe('A bulk load into BigQuery', () => {
  it('brings the rows of all files, whatever the order of their columns', async () => {
    const input = await bulk(backend, {
      files: { '1.csv': 'a,b\n1,one\n2,"two, ""too"""\n', '2.csv': 'b,a\nthree,3\n' },
      columns: ab,
    });
    expect(await backend.bulkLoad(input)).toBe(3);
    expect(await stored(input)).toEqual([
      { a: '1', b: 'one' },
      { a: '2', b: 'two, "too"' },
      { a: '3', b: 'three' },
    ]);
  });

  it('tells NULL from empty text, and keeps every character', async () => {
    const odd = ' tab\t quote" back\\slash \r line\u2028 😀 ünï \\N null \u0001 ';
    const cell = `"${odd.replaceAll('"', '""')}"`;
    const input = await bulk(backend, {
      files: { '1.csv': `a,b\n1,\n2,""\n3,${cell}\n4,"\n"\n5, padded \n` },
      columns: ab,
    });
    expect(await backend.bulkLoad(input)).toBe(5);
    expect((await stored(input)).map(({ b }) => b)).toEqual([null, '', odd, '\n', ' padded ']);
  });

  it('reads other delimiters, quotes and marks of NULL', async () => {
    const input = await bulk(backend, {
      files: { '1.tsv': "a\tb\n1\t'x''y'\n2\t\\N\n3\t'\\N'\n4\t\n" },
      columns: ab,
      source: { csv: { quote: "'", nullText: '\\N' } },
    });
    expect(await backend.bulkLoad(input)).toBe(4);
    expect((await stored(input)).map(({ b }) => b)).toEqual(["x'y", null, '\\N', '']);
  });

  it('reads packed text, NDJSON and names of the source', async () => {
    const csv = await bulk(backend, {
      files: { '1.csv.gz': gzipSync('Order ID,b,c\n1,x,y\n') },
      columns: ab,
      contract: { columns: { a: { type: 'text', from: 'Order ID' }, b: { type: 'text' } }, extraColumns: 'ignore' },
    });
    expect(await backend.bulkLoad(csv)).toBe(1);
    expect(await stored(csv)).toEqual([{ a: '1', b: 'x' }]);
    const lines = '{"a":"1","b":{"x":[1,"ü"]}}\n{"b":null,"a":9007199254740993}\n{"a":"\\u0001\\"\\\\"}\n';
    const ndjson = await bulk(backend, { files: { '1.ndjson': lines }, columns: { a: 'text', b: 'json' } });
    expect(await backend.bulkLoad(ndjson)).toBe(3);
    expect((await stored(ndjson)).map(({ a, b }) => [a, b])).toEqual([
      ['\u0001"\\', null],
      ['1', '{"x":[1,"ü"]}'],
      ['9007199254740993', null],
    ]);
  });

  it('of files without rows is one of no rows', async () => {
    const input = await bulk(backend, { files: { '1.csv': 'a,b\n', '2.csv': '' }, columns: ab });
    expect(await backend.bulkLoad(input)).toBe(0);
  });

  it('happens once, however often it is tried', async () => {
    const input = await bulk(backend, { files: { '1.csv': 'a,b\n1,x\n2,y\n' }, columns: ab, name: 'once_only' });
    const counts = await Promise.all([1, 2, 3].map(() => backend.bulkLoad(input)));
    expect([...counts, await backend.bulkLoad(input)]).toEqual([2, 2, 2, 2]);
    expect(await stored(input)).toHaveLength(2);
    const jobs = (await standinJobs('loadline-load-')).filter(({ configuration }) =>
      JSON.stringify(configuration.load ?? null).includes('"once_only"'),
    );
    expect(jobs).toHaveLength(1);
    expect(jobs[0]!.configuration.labels).toMatchObject({ loadline_load: 'l-1', loadline_pipeline: 'orders_daily_' });
  });

  it('refuses other files for a stage that is loaded', async () => {
    const first = await bulk(backend, { files: { '1.csv': 'a,b\n1,x\n' }, columns: ab, name: 'taken' });
    await backend.bulkLoad(first);
    const other = await bulk(backend, { files: { '1.csv': 'a,b\n1,z\n' }, columns: ab, name: 'taken' });
    expect(await failureOf(backend.bulkLoad(other))).toMatchObject({ type: 'StageLost' });
    expect(await stored(first)).toEqual([{ a: '1', b: 'x' }]);
  });

  it('is found by its id when its answer is lost', async () => {
    const input = await bulk(backend, { files: { '1.csv': 'a,b\n1,x\n' }, columns: ab, name: 'lost_upload' });
    await standinFault({ match: 'POST /upload/.*lost_upload', action: 'drop-after' });
    expect(await backend.bulkLoad(input)).toBe(1);
    expect(await stored(input)).toHaveLength(1);
  });

  it('is sent again when it did not arrive', async () => {
    const input = await bulk(backend, { files: { '1.csv': 'a,b\n1,x\n' }, columns: ab, name: 'unsent_upload' });
    await standinFault({ match: 'POST /upload/.*unsent_upload', action: 'drop-before', times: 2 });
    expect(await backend.bulkLoad(input)).toBe(1);
  });

  it('goes by way of the staging bucket where there is one', async () => {
    await mkdir(join(bigQueryGcsRoot(), 'staging'), { recursive: true });
    const staging = await openTestBackend({ stagingBucket: 'gs://staging/loads/' });
    const input = await bulk(staging, { files: { '1.csv': 'a,b\n1,x\n' }, columns: ab, name: 'staged_load' });
    await standinFault({ match: 'POST .*/v2/projects/[^/]+/jobs .*"load".*staged_load', action: 'drop-before' });
    expect([await staging.bulkLoad(input), await staging.bulkLoad(input)]).toEqual([1, 1]);
    const [job] = (await standinJobs('loadline-load-')).slice(-1);
    expect(job!.configuration.load!['sourceUris']).toEqual([
      expect.stringMatching(/^gs:\/\/staging\/loads\/loadline-load-/),
    ]);
  });

  it('says so when the staging bucket is missing', async () => {
    const staging = await openTestBackend({ stagingBucket: 'gs://no-such-bucket' });
    const input = await bulk(staging, { files: { '1.csv': 'a,b\n1,x\n' }, columns: ab });
    expect(await failureOf(staging.bulkLoad(input))).toMatchObject({ type: 'SourceNotFound' });
  });

  it('does not make a stage that was dropped', async () => {
    const input = await bulk(backend, { files: { '1.csv': 'a,b\n1,x\n' }, columns: ab });
    await backend.run('drop', sql`DROP TABLE ${raw(input.stage)}`);
    expect(await failureOf(backend.bulkLoad(input))).toMatchObject({ type: 'TargetNotFound' });
  });
});

describe('A bulk load of a bad file', () => {
  const bad: [string, string, string | Buffer, string, RegExp][] = [
    ['a row of three fields', '1.csv', 'a,b\n1,x\n2,secret,z\n', 'RaggedRow', /line 3/],
    ['an open quote', '1.csv', 'a,b\n1,x\n2,"secret\n', 'RaggedRow', /line 3/],
    [
      'other than UTF-8',
      '1.csv',
      Buffer.from(`a,b\n${'1,x\n'.repeat(500_000)}2,\xff\n`, 'latin1'),
      'InvalidEncoding',
      /1\.csv/,
    ],
    ['a line that is no object', '1.ndjson', '{"a":"1","b":"2"}\n{secret\n', 'MalformedJson', /line 2/],
    ['a zero byte', '1.csv', 'a,b\n1,\0\n', 'InvalidValue', /line 2/],
  ];
  it.each(bad)('with %s loads nothing and names the place, not the value', async (_, path, content, type, where) => {
    const input = await bulk(backend, { files: { [path]: content }, columns: ab });
    const error = await failureOf(backend.bulkLoad(input));
    expect(error).toMatchObject({ type });
    expect(error.message).toMatch(where);
    expect(JSON.stringify([error.message, error.details])).not.toContain('secret');
    expect(await stored(input)).toEqual([]);
  });

  it('that changes while it is read is refused', async () => {
    const input = await bulk(backend, { files: { '1.csv': 'a,b\n1,x\n' }, columns: ab });
    const files = input.batch.manifest.files.map((file) => ({ ...file, sha256: '0'.repeat(64) }));
    const changed = { ...input, batch: { ...input.batch, manifest: { ...input.batch.manifest, files } } };
    expect(await failureOf(backend.bulkLoad(changed))).toMatchObject({ type: 'SourceChanged' });
    expect(await stored(input)).toEqual([]);
  });
});

describe('A bulk load of files in Cloud Storage', () => {
  const text = { inGcs: true, columns: ab } as const;

  it('reads text by way of the worker by default', async () => {
    const input = await bulk(backend, { ...text, files: { '1.csv': 'a,b\n1,x\n' } });
    expect(await backend.bulkLoad(input)).toBe(1);
    const [job] = (await standinJobs('loadline-load-')).slice(-1);
    expect(job!.configuration.load).not.toHaveProperty('sourceUris');
  });

  it('lets BigQuery read CSV where it is, if asked to', async () => {
    const referring = await openTestBackend({ referCsv: true });
    const content = 'b,a\n"x\ny",1\n,2\n"",3\n';
    const input = await bulk(referring, { ...text, files: { '1.csv': content, 'x/2.csv': content } });
    expect([await referring.bulkLoad(input), await referring.bulkLoad(input)]).toEqual([6, 6]);
    expect((await stored(input)).map(({ b }) => b)).toEqual(['x\ny', 'x\ny', null, null, '', '']);
    const [job] = (await standinJobs('loadline-load-')).slice(-1);
    expect(job!.configuration.load!['sourceUris']).toHaveLength(2);
  });

  it('says the file and the line that BigQuery stopped at', async () => {
    const referring = await openTestBackend({ referCsv: true });
    const input = await bulk(referring, {
      ...text,
      files: { '1.csv': 'a,b\n1,x\n', '2.csv': 'a,b\n1,x\n2,secret,y\n' },
    });
    const error = await failureOf(referring.bulkLoad(input));
    expect(error).toMatchObject({ type: 'RaggedRow', details: [{ object: '2.csv', got: 'line 3' }] });
    expect(error.message).not.toContain('secret');
    expect(await stored(input)).toEqual([]);
  });

  it('does not take a file that is another by now', async () => {
    const referring = await openTestBackend({ referCsv: true });
    const input = await bulk(referring, { ...text, files: { '1.csv': 'a,b\n1,x\n' } });
    const { path } = await input.batch.store.local('1.csv');
    await writeFile(path, 'a,b\n1,y\n');
    expect(await failureOf(referring.bulkLoad(input))).toMatchObject({ type: 'SourceChanged' });
    expect(await stored(input)).toEqual([]);
  });

  it('lets BigQuery read Parquet where it is, or reads it for BigQuery where their types differ', async () => {
    const stage = { a: 'INT64', b: 'STRING', c: 'TIMESTAMP' };
    const columns = { a: 'bigint', b: 'text', c: 'timestamptz' };
    const select = (a: string): string =>
      `SELECT ${a} AS a, 'ü' AS b, TIMESTAMPTZ '2024-02-29 12:00:00.123456+00' AS c`;
    for (const [a, referred] of [
      ['7::BIGINT', true],
      ["'7'", false],
    ] as const) {
      const input = await bulk(backend, {
        inGcs: true,
        columns,
        stage,
        files: { '1.parquet': await parquet(select(a)) },
      });
      expect([await backend.bulkLoad(input), await backend.bulkLoad(input)]).toEqual([1, 1]);
      expect(await stored(input)).toEqual([{ a: 7, b: 'ü', c: '2024-02-29T12:00:00.123456Z' }]);
      const jobs = (await standinJobs('loadline-load-')).filter((job) => JSON.stringify(job).includes(partOf(input)));
      expect(jobs.map(({ configuration }) => 'sourceUris' in configuration.load!)).toEqual(
        referred ? [true] : [true, false],
      );
    }
  });
});

const partOf = ({ stage }: BulkLoad): string => `"${stage.split('`').at(-2)!}"`;

async function parquet(select: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-parquet-'));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${join(folder, 'x.parquet')}' (FORMAT parquet)`);
  connection.closeSync();
  const bytes = await readFile(join(folder, 'x.parquet'));
  await rm(folder, { recursive: true });
  return bytes;
}
