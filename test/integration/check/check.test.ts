import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import type { Findings } from '../../../cli/reports/findings';
import { zstd } from '../../unit/sources/zstd-data';
import { loadline, type Told } from '../../unit/cli/streams';
import { start, type Ended } from '../cli/support/program';

const home = process.cwd();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-check-'));
  process.chdir(folder);
  await file('payments.yml', payments);
});
afterAll(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

const file = (path: string, content: string | Uint8Array): Promise<void> => writeFile(join(folder, path), content);
/** The built command, as in a pipeline: nothing of a server or a secret in the environment. */
const checkAlone = (...args: string[]): Promise<Ended> =>
  start(folder, { PATH: process.env['PATH'], HOME: folder }, ['check', ...args]).ended;

/** The command in this process, for what is not about its surroundings: it starts faster. */
const check = (...args: string[]): Promise<Told> => loadline('check', ...args);

const payments = [
  'name: payments',
  'table: main/public.payments',
  'columns:',
  '  id: { type: integer, notNull: true, unique: true }',
  '  amount: { type: "decimal(12,2)", range: { min: 0 }, severity: fail }',
  'key: [id]',
  '',
].join('\n');
const good = [
  { id: 1, amount: '2.50' },
  { id: 2, amount: '3' },
];
const bad = [...good, { id: 3, amount: '-77.77' }, { id: 4, amount: '-0.01' }, { id: 2, amount: '88.88' }];

const asCsv = (rows: typeof bad): string => `id,amount\n${rows.map(({ id, amount }) => `${id},${amount}\n`).join('')}`;
const asNdjson = (rows: typeof bad): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

async function asParquet(path: string, rows: typeof bad): Promise<void> {
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const values = rows.map(({ id, amount }) => `(${id}, ${amount})`).join(', ');
  await duck.run(`COPY (SELECT id::INTEGER AS id, amount::DECIMAL(12,2) AS amount FROM (VALUES ${values}) t(id, amount))
    TO '${join(folder, path)}' (FORMAT parquet)`);
  duck.closeSync();
}

const formats: readonly (readonly [ending: string, counted: string, write: (path: string, rows: typeof bad) => Promise<void>])[] = [
  ['csv', 'line 4', (path, rows) => file(path, asCsv(rows))],
  ['tsv', 'line 4', (path, rows) => file(path, asCsv(rows).replaceAll(',', '\t'))],
  ['csv.gz', 'line 4', (path, rows) => file(path, gzipSync(asCsv(rows)))],
  ['csv.zst', 'line 4', (path, rows) => file(path, zstd(asCsv(rows)))],
  ['ndjson', 'line 3', (path, rows) => file(path, asNdjson(rows))],
  ['jsonl.gz', 'line 3', (path, rows) => file(path, gzipSync(asNdjson(rows)))],
  ['parquet', 'row 3', asParquet],
]; // prettier-ignore

test.each(formats)(
  'a good .%s passes with 0, a bad one fails with 1, a line a finding',
  async (ending, counted, write) => {
    await write(`good.${ending}`, good);
    await write(`bad.${ending}`, bad);
    const passed = await checkAlone('payments.yml', `good.${ending}`);
    expect(passed).toMatchObject({ code: 0, err: '' });
    expect(passed.out).toContain('✓ good  payments  2 rows, 1 file, 6 checks passed');
    const failed = await checkAlone('payments.yml', `bad.${ending}`);
    expect(failed).toMatchObject({ code: 1, err: '' });
    const lines = failed.out.split('\n').filter((line) => line.startsWith('  ✗'));
    expect(lines).toEqual([
      '  ✗ payments.yml:6:1  duplicates  Rows of one key contradict each other: 1 key with several values; 1 row repeats another by the key; expected rows of equal id that are equal.',
      '  ✗ payments.yml:4:39  id.unique  id is not unique: 1 value in several rows; expected each value once.',
      `  ✗ payments.yml:5:36  amount.range  amount is out of range: 2 of 5 rows that break it, first in bad.${ending} ${counted}; expected 0 or more.`,
    ]);
    expect(failed.out + failed.err).not.toMatch(/77\.77|88\.88/);
  },
);

test.each([
  ['a column less', 'id\n1\n', 'MissingColumn'],
  ['a column more', 'id,amount,secret\n1,2,3\n', 'UnknownColumn'],
  ['a row that is too long', 'id,amount\n1,2\n1,2,99.99\n', 'RaggedRow'],
  ['a quote that never closes', 'id,amount\n1,2\n1,"99.99\n', 'RaggedRow'],
  ['bytes that are no UTF-8', Buffer.from('id,amount\n1,\xe4\n', 'latin1'), 'InvalidEncoding'],
  ['a zero byte', 'id,amount\n1,2\0\n', 'InvalidValue'],
  ['a name twice', 'id,id\n1,2\n', 'InvalidValue'],
])('%s: what makes a load refuse the file is a finding', async (_, content, code) => {
  await file('odd.csv', content);
  const { code: exit, out } = await check('payments.yml', 'odd.csv', '--json');
  const { findings, verdict } = JSON.parse(out) as Findings;
  expect({ exit, verdict, ids: findings.map(({ id }) => id) }).toEqual({ exit: 1, verdict: 'fail', ids: [code] });
  expect(findings[0]).toMatchObject({ level: 'error', file: 'odd.csv' });
  expect(out).not.toContain('99.99');
});

test('what has no value of its type is counted, and where the first is', async () => {
  await file('typed.csv', 'id,amount\n1,abc\n"2\n",1\n3,12345678901\nx,4\n5,0x10\n');
  const { code, out } = await check('payments.yml', 'typed.csv', '--json');
  const found = (JSON.parse(out) as Findings).findings.map(({ id, level, line, facts }) => ({ id, level, line, broken: facts?.['broken'] })); // prettier-ignore
  expect(code).toBe(1);
  expect(found).toEqual([
    { id: 'id.type', level: 'error', line: 4, broken: 1 },
    { id: 'amount.type', level: 'error', line: 5, broken: 2 },
  ]);
  expect(out).toContain('first in typed.csv line 6');
});

test('reports and findings.json are written where they are wanted, and hold no value', async () => {
  await file('bad.csv', asCsv(bad));
  const { code, out, err } = await check('payments.yml', 'bad.csv', '--report', 'junit', '--report', 'markdown=pages/check.md', '--report', 'github'); // prettier-ignore
  expect(code).toBe(1);
  expect(out).toContain('loadline-report/findings.json');
  expect(err).toContain('::error file=payments.yml,line=5,col=36,title=amount is out of range::2 of 5 rows');
  expect(await readdir(join(folder, 'loadline-report'))).toEqual(['findings.json', 'junit.xml']);
  const schema = await readFile(join(home, 'findings.schema.json'), 'utf8');
  const written = await readFile(join(folder, 'loadline-report/findings.json'), 'utf8');
  expect(
    z.fromJSONSchema(JSON.parse(schema) as Parameters<typeof z.fromJSONSchema>[0]).safeParse(JSON.parse(written)).error,
  ).toBeUndefined();
  const texts = ['loadline-report/findings.json', 'loadline-report/junit.xml', 'pages/check.md'];
  for (const path of texts) {
    const text = await readFile(join(folder, path), 'utf8');
    expect(text).toContain('amount is out of range');
    expect(text).not.toMatch(/77\.77|88\.88/);
  }
});

test('a malformed contract is in the reports, at its line', async () => {
  await file('odd.yml', payments.replace('range:', 'rang:'));
  await file('good.csv', asCsv(good));
  const { code, err } = await check(
    'odd.yml',
    'good.csv',
    '--output',
    'odd',
    '--report',
    'junit',
    '--report',
    'github',
  );
  expect(code).toBe(1);
  expect(err).toMatch(/^::error file=odd.yml,line=5,col=36,title=A contract is malformed::/m);
  expect(err).toContain('✗ InvalidContract');
  const findings = JSON.parse(await readFile(join(folder, 'odd/findings.json'), 'utf8')) as Findings;
  expect(findings).toMatchObject({ subject: 'odd.yml', verdict: 'fail', counts: { files: 1 }, passed: [] });
  expect(findings.findings).toEqual([
    expect.objectContaining({ id: 'InvalidContract', level: 'error', file: 'odd.yml', line: 5, column: 36 }),
  ]);
  expect(findings.findings[0]!.message).toContain('Did you mean "range"?');
  expect(await readFile(join(folder, 'odd/junit.xml'), 'utf8')).toContain('failures="1"');
});

test('several files are one batch: keys and values are compared across them', async () => {
  await file('one.csv', 'id,amount\n1,1\n2,2\n');
  await file('two.csv', 'amount,id\n-5,3\n3,1\n');
  const { out } = await check('payments.yml', 'one.csv', 'two.csv', '--json');
  const { counts, findings } = JSON.parse(out) as Findings;
  expect(counts).toEqual({ rows: 4, files: 2 });
  expect(findings.map(({ id }) => id)).toEqual(['duplicates', 'id.unique', 'amount.range']);
  expect(findings[2]?.message).toContain('first in two.csv line 2');
});

const everything = `name: orders
table: main/public.orders
owner: team-orders
columns:
  id: { type: text, length: { max: 4 }, pattern: '[A-Z]\\d+' }
  state: { type: text, accepted: [open, paid], severity: warn, reason: 'The shop knows no others.' }
  amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: quarantine, failAbove: '50%' }
  at: { type: timestamptz }
key: [id]
newest: at
rows: { min: 2, max: 3, change: '50%', severity: warn }
checks:
  - { name: sane, sql: "amount < 1000 and state <> 'x'", severity: warn }
  - { name: ratio, sql: 'amount / 2 < 100' }
  - { name: fresh, freshness: { column: at, within: '2 days' } }
  - { name: known, references: { columns: [state], table: main/public.states } }
  - { name: total, sum: { column: amount, max: 100 } }
`;
const orders = [
  'id,state,amount,at',
  'A1,open,10.5,2026-11-20T00:00:00Z',
  'A2,lost,2000,2026-11-19T00:00:00Z',
  'a3,,-1,',
  'A12345,paid,,2026-11-20T00:00:00Z',
  '',
].join('\n');

test('every kind of check is made, and what needs the warehouse is said to be skipped', async () => {
  await file('orders.yml', everything);
  await file('orders.csv', orders);
  const { code, out } = await check('orders.yml', 'orders.csv', '--json', '--at', '2026-11-23T00:00:00Z');
  const { findings, passed } = JSON.parse(out) as Findings;
  expect(code).toBe(1);
  const found = findings.map(({ id, level, line, facts }) => [id, level, line, facts?.['broken'] ?? null]);
  expect(found).toEqual([
    ['rows', 'warning', 11, 1],
    ['id.pattern', 'error', 5, 1],
    ['id.length', 'error', 5, 1],
    ['state.accepted', 'warning', 6, 1],
    ['amount.range', 'warning', 7, 1],
    ['checks.sane', 'warning', 13, 1],
    ['checks.fresh', 'error', 15, 1],
    ['checks.total', 'error', 17, 1],
    ['rows.change', 'notice', 11, null],
    ['checks.ratio', 'notice', 14, null],
    ['checks.known', 'notice', 16, null],
  ]);
  expect(passed.map(({ id }) => id)).toEqual(['id.type', 'state.type', 'amount.type', 'at.type', 'duplicates', 'id.key']); // prettier-ignore
  const message = (id: string): string => findings.find((one) => one.id === id)!.message;
  expect(message('state.accepted')).toContain('The shop knows no others. Owner: team-orders.');
  expect(message('amount.range')).toContain('A load would set these rows aside.');
  expect(message('checks.ratio')).toContain('it says /: needs the warehouse');
});

test('warnings pass, and fail with --strict; a check can be left out', async () => {
  await file('warned.csv', 'id,state,amount,at\nA1,lost,1,2026-11-20\nA2,open,1,2026-11-20\n');
  const args = ['orders.yml', 'warned.csv', '--at', '2026-11-20T12:00:00Z'];
  expect((await check(...args)).code).toBe(0);
  expect((await check(...args, '--strict')).code).toBe(1);
  const left = await check(...args, '--strict', '--skip', 'state.accepted');
  expect(left).toMatchObject({ code: 0 });
  expect(left.out).toContain('state.accepted  Skipped: left out by --skip.');
});

test('a contract of the configuration is checked by its name, without its secrets; TypeScript is pointed at too', async () => {
  const code = [
    'export const refunds = {',
    "  name: 'refunds',",
    "  table: 'main/public.refunds',",
    '  columns: {',
    "    id: { type: 'integer' },",
    '    amount: {',
    "      type: 'decimal(12,2)',",
    '      range: { min: 0 },',
    '    },',
    '  },',
    '};',
  ];
  await file('refunds.ts', code.join('\n'));
  await file(
    'loadline.config.mjs',
    `export default { warehouses: { main: { kind: 'postgres', url: { env: 'NOWHERE' } } }, stores: {}, contracts: ['./refunds.ts', './payments.yml'] };`,
  );
  await file('bad.csv', asCsv(bad));
  const found = await checkAlone('refunds', 'bad.csv');
  expect(found.err).toBe('');
  expect(found.out).toContain('✗ refunds.ts:8:7  amount.range');
  expect((await check('payments', 'bad.csv')).out).toContain('✗ payments.yml:5:36  amount.range');
  expect((await check('refunds.ts', 'bad.csv')).out).toContain('✗ refunds.ts:8:7  amount.range');
});

test.each([
  ['no such contract', ['refunt', 'bad.csv'], 'Did you mean "refunds"?'],
  ['no such file of a contract', ['gone.yml', 'bad.csv'], 'There is no file gone.yml.'],
  ['no such sample', ['payments.yml', 'gone.csv'], 'There is no file gone.csv.'],
  [
    'an unknown report',
    ['payments.yml', 'bad.csv', '--report', 'html'],
    'junit, codequality, sarif, markdown, github, summary',
  ],
  ['no instant', ['payments.yml', 'bad.csv', '--at', 'soon'], 'is no instant'],
  ['an unknown check', ['payments.yml', 'bad.csv', '--skip', 'amount.rang'], 'Did you mean "amount.range"?'],
  ['no sample', ['payments.yml'], "Missing required argument 'files'"],
])('%s is wrong use: exit code 2, and what to do', async (_, args, told) => {
  await file('bad.csv', asCsv(bad));
  const { code, err } = await check(...args);
  expect(code).toBe(2);
  expect(err).toContain(told);
});

test('of a file with several contracts one is named', async () => {
  await file('two.yml', `${payments}---\n${payments.replaceAll('payments', 'refunds')}`);
  await file('good.csv', asCsv(good));
  expect((await check('two.yml', 'good.csv')).err).toContain('two.yml#payments, two.yml#refunds');
  expect((await check('two.yml#refunds', 'good.csv')).out).toContain('✓ good  refunds');
});

test('what DuckDB cannot work with is told without the value that it quotes', async () => {
  await file('long.csv', `id,amount\n1,"secret${' '.repeat(33 * 1024 * 1024)}"\n`);
  const { code, out, err } = await check('payments.yml', 'long.csv');
  expect(code).toBe(1);
  expect(out).toContain('RowTooLong  A row is longer than can be checked without a warehouse');
  expect(out + err).not.toContain('secret');
});
