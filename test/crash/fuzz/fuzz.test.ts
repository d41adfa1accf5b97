import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openLab, type Lab } from '../../integration/support/lab';
import { dayOf, raw } from '../../integration/support/source';
import { anyCsv, anyTable, csvOf, ndjsonOf, types, type CsvShape, type Table } from './shapes';

jest.setTimeout(900_000);
const seed = Number(process.env['LOADLINE_CRASH_SEED'] ?? Date.now() % 2 ** 31);
const rowsPerLoad = 300;
const parameters = (runs: number): fc.Parameters<unknown> => ({
  seed,
  numRuns: runs,
  ...(process.env['LOADLINE_FUZZ_PATH'] && { path: process.env['LOADLINE_FUZZ_PATH'] }),
  // A counterexample that is not the smallest is better than none.
  interruptAfterTimeLimit: 600_000,
  markInterruptAsFailure: true,
  endOnFailure: false,
});

let lab: Lab;
let db: Client;
let cases = 0;
beforeAll(async () => {
  lab = await openLab('fuzz');
  db = new Client({ connectionString: lab.url });
  db.on('error', () => undefined);
  await db.connect();
  await db.query("SET timezone = 'UTC'");
});
afterAll(async () => {
  await db.end();
  await lab.stop();
  process.stdout.write(`fuzz: seed ${seed}, ${cases} rows compared\n`);
});

let runs = 0;
const named = (schema: string, table: string): string => `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
const encoded = (name: string): string => encodeURIComponent(name).replaceAll('.', '%2E');

/** What PostgreSQL makes of the same values as parameters. */
async function insertByHand({ columns, rows }: Table): Promise<void> {
  await db.query('DROP TABLE IF EXISTS public.oracle');
  await db.query(`CREATE TABLE public.oracle (${columns.map((c, i) => `c${i} ${types[c.type][0]}`).join(', ')})`);
  const arrays = columns.map((_, i) => `$${i + 1}::text[]`);
  const casts = columns.map((c, i) => `v${i}::${types[c.type][0]}`);
  const sql = `INSERT INTO public.oracle SELECT ${casts.join(', ')} FROM unnest(${arrays.join(', ')}) AS t(${columns.map((_, i) => `v${i}`).join(', ')})`; // prettier-ignore
  await db.query(
    sql,
    columns.map((_, i) => rows.map((row) => row[i])),
  );
}

/** Refused: see test/integration/values/csv.test.ts. */
const inUnknownOrder = ({ columns }: Table, { csv }: CsvShape): boolean =>
  !csv.header && columns.length > 1 && columns.some(({ name }) => /^\d+$/.test(name));

/** Loads a file and compares by value: first as values, then as the text that PostgreSQL gives for each. */
async function expectSame(table: Table, file: string, content: string | Buffer, csv: CsvShape['csv'] | null) {
  const run = ++runs;
  const { schema, columns, rows } = table;
  const into = `fuzz-${run}`;
  const [own, target] = [named(schema, table.table), `main/${encoded(schema)}.${encoded(table.table)}`];
  await db.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`);
  try {
    const contract = Object.fromEntries(columns.map((c) => [c.name, { type: c.type }]));
    lab.contract({ name: into, table: target, columns: contract, key: [columns[0]!.name], create: 'if-missing' });
    await lab.file(`${run}/${file}`, content);
    const mode = (['append', 'merge', 'replace', 'insert-only'] as const)[run % 4]!;
    const from = raw(`${run}/*`, csv ? { csv } : {});
    // By interval: a table that was dropped and made again under its name is the same to the ledger.
    const receipt = await lab.load({
      pipeline: `fuzz ${run}`,
      into,
      mode,
      from,
      interval: dayOf('2026-11-22'),
    });
    expect(receipt.outcome).toBe('loaded');
    expect(receipt.tables[0]).toMatchObject({ read: rows.length, inserted: rows.length });
    await insertByHand(table);
    const loaded = columns.map((c, i) => `${escapeIdentifier(c.name)} AS c${i}`).join(', ');
    for (const as of ['SELECT * FROM', 'SELECT t::text FROM'] as const) {
      const [here, there] = [`${as} (SELECT ${loaded} FROM ${own}) t`, `${as} public.oracle t`];
      const differ = `(${here} EXCEPT ALL ${there}) UNION ALL (${there} EXCEPT ALL ${here})`;
      const found = await db.query(differ);
      if (found.rowCount) throw new Error(`the content differs: ${JSON.stringify(found.rows.slice(0, 4))}`);
    }
    cases += rows.length;
  } finally {
    await db.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`);
  }
}

test('any values under any names arrive as PostgreSQL takes them as parameters: CSV of any shape', async () => {
  const property = fc.asyncProperty(anyTable(rowsPerLoad), anyCsv, fc.boolean(), async (table, shape, packed) => {
    fc.pre(!inUnknownOrder(table, shape));
    const text = csvOf(table, shape);
    await expectSame(table, packed ? 'a.csv.gz' : 'a.csv', packed ? gzipSync(text) : text, shape.csv);
  });
  await fc.assert(property, parameters(70) as fc.Parameters<[Table, CsvShape, boolean]>);
});

test('any values under any names arrive as PostgreSQL takes them as parameters: NDJSON', async () => {
  const property = fc.asyncProperty(anyTable(rowsPerLoad), fc.integer({ min: 0, max: 3 }), async (made, spaces) => {
    // JSON has one null for both.
    const rows = made.rows.map((row) =>
      row.map((v, i) => (made.columns[i]!.type === 'json' && v === 'null' ? null : v)),
    );
    const table = { ...made, rows };
    await expectSame(table, 'a.ndjson', ndjsonOf(table, spaces), null);
  });
  await fc.assert(property, parameters(50) as fc.Parameters<[Table, number]>);
  expect(cases).toBeGreaterThan(10_000);
});

/** A file that is big enough to be staged by two sessions, made of few rows over and over. */
const bigBytes = 5 * 1024 * 1024;

test('a large file with any quotes and line ends is split into the same rows as one COPY reads', async () => {
  const property = fc.asyncProperty(anyTable(40), anyCsv, async (table, shape) => {
    fc.pre(!inUnknownOrder(table, shape));
    const { columns, rows } = table;
    const bytes = Math.max(1, csvOf(table, shape).length);
    // Each row has a length of its own, so that ends of parts fall everywhere.
    const many = Array.from({ length: Math.ceil((bigBytes / bytes) * rows.length) }, (_, i) => [String(i), ...rows[i % rows.length]!.slice(1)]); // prettier-ignore
    const text = csvOf({ ...table, rows: many }, shape);
    const run = ++runs;
    const definition = columns.map((c) => `${escapeIdentifier(c.name)} ${types[c.type][0]}`).join(', ');
    await db.query(
      `CREATE TABLE public.one_copy_${run} (${definition}); CREATE TABLE public.split_${run} (${definition})`,
    );
    const contract = Object.fromEntries(columns.map((c) => [c.name, { type: c.type }]));
    const into = lab.contract({ name: `split-${run}`, table: `main/public.split_${run}`, columns: contract });
    await lab.file(`${run}/a.csv`, text);
    await lab.load({ pipeline: `split-${run}`, into, mode: 'append', from: raw(`${run}/a.csv`, { csv: shape.csv }) });
    const { delimiter, quote, escape, nullText, header } = shape.csv;
    const options = `FORMAT csv, HEADER ${header}, DELIMITER ${escapeLiteral(delimiter)}, QUOTE ${escapeLiteral(quote)}, ESCAPE ${escapeLiteral(escape)}, NULL ${escapeLiteral(nullText)}`;
    const bytesOf = Buffer.from(text.replace(/^\ufeff/, ''));
    const pieces = Array.from({ length: Math.ceil(bytesOf.length / 65_536) }, (_, i) => bytesOf.subarray(i * 65_536, (i + 1) * 65_536)); // prettier-ignore
    await pipeline(
      Readable.from(pieces),
      db.query(copyFrom(`COPY public.one_copy_${run} FROM STDIN WITH (${options})`)),
    );
    const hash = async (table: string): Promise<unknown> =>
      (await db.query(`SELECT count(*), sum(hashtextextended(t::text, 0)) AS hash FROM public.${table} t`)).rows[0];
    expect(await hash(`split_${run}`)).toEqual(await hash(`one_copy_${run}`));
    expect((await hash(`split_${run}`)) as object).toMatchObject({ count: String(many.length) });
    await db.query(`DROP TABLE public.one_copy_${run}, public.split_${run}`);
  });
  await fc.assert(property, { ...parameters(6), endOnFailure: true } as fc.Parameters<[Table, CsvShape]>);
});
