import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openBatch } from '../../../activities/check/open-batch';
import { readRows } from '../../../activities/check/read-rows';
import { openDuck } from '../../../activities/sources/duck';
import { classifyPostgresError } from '../../../activities/warehouses/postgres/errors';
import { loadErrorOf } from '../../../workflows/load-error';
import type { CsvOptions } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { createDatabase } from '../../services/services';

let db: Client;
let folder: string;
beforeAll(async () => {
  db = new Client({ connectionString: await createDatabase('check-rows') });
  // The database is dropped before the connection has ended.
  db.on('error', () => undefined);
  await db.connect();
  folder = await mkdtemp(join(tmpdir(), 'loadline-check-'));
});
afterAll(async () => {
  await db.end();
  await rm(folder, { recursive: true });
});

const defaults = { delimiter: ',', quote: '"', escape: '"', nullText: '', header: true };
const names = ['a', 'b', 'c'];

/** The rows of the file, or the code of what refuses it. */
type Outcome = (string | null)[][] | string;

async function byPostgres(content: Buffer, columns: readonly string[], csv: Required<CsvOptions>): Promise<Outcome> {
  await db.query(`DROP TABLE IF EXISTS t; CREATE TABLE t (${columns.map((c) => `${c} text`).join(', ')})`);
  const literal = (text: string): string => `E'${text.replace(/[\\']/g, '\\$&')}'`;
  const copy = db.query(
    copyFrom(
      `COPY t FROM STDIN WITH (FORMAT csv, HEADER ${csv.header}, DELIMITER ${literal(csv.delimiter)}, NULL ${literal(csv.nullText)},
       QUOTE ${literal(csv.quote)}, ESCAPE ${literal(csv.escape)}, ENCODING 'UTF8')`,
    ),
  );
  try {
    await pipeline(Readable.from([content]), copy);
  } catch (error) {
    return classifyPostgresError(error);
  }
  return (await db.query<(string | null)[]>({ text: 'SELECT * FROM t', rowMode: 'array' })).rows;
}

async function byCheck(content: Buffer, columns: readonly string[], csv: CsvOptions): Promise<Outcome> {
  const file = join(folder, 'odd.csv');
  await writeFile(file, content);
  const contract: TableContract = {
    name: 't',
    table: 'main/t',
    columns: Object.fromEntries(columns.map((name) => [name, { type: 'text' }])),
  };
  const duck = await openDuck();
  try {
    const batch = await openBatch([file], { csv }, contract, duck.folder);
    await readRows(duck, batch, batch.manifest.files[0]!, contract);
    const read = await duck.connection.runAndReadAll(`SELECT ${columns.map((_, i) => `r${i}`).join(', ')} FROM raw`);
    return read.getRows() as (string | null)[][];
  } catch (error) {
    return loadErrorOf(error)?.type ?? String(error);
  } finally {
    await duck.close();
  }
}

const files: [what: string, content: string | Buffer, columns: number, csv?: CsvOptions][] = [
  ['plain rows', 'a,b\n1,2\n3,4\n', 2],
  ['no line end after the last row', 'a,b\n1,2\n3,4', 2],
  ['nothing between delimiters, and quoted nothing', 'a,b\n,""\n"",\n', 2],
  ['quotes inside of a field', 'a,b\nx"y,z"w,2\n"p"q"r",3\n', 2],
  ['doubled quotes', 'a,b\n"x""y",""""\n"""",""""""\n', 2],
  ['line ends and delimiters in quotes', 'a,b\n"x\ny","1,2"\n"x\r\ny",2\n', 2],
  ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n', 2],
  ['CRLF and an LF in quotes', 'a,b\r\n"1\n1",2\r\n', 2],
  ['CR alone', 'a,b\r1,2\r3,4', 2],
  ['CR alone, also at the end', 'a,b\r1,2\r', 2],
  ['LF, then CRLF', 'a,b\n1,2\r\n', 2],
  ['CRLF, then LF', 'a,b\r\n1,2\n', 2],
  ['CRLF, then CR at the end', 'a,b\r\n1,2\r', 2],
  ['a blank line among rows', 'a,b\n1,2\n\n3,4\n', 2],
  ['blank lines of one column', 'a\n1\n\n2\n\n', 1],
  ['spaces around', 'a,b\n 1 , 2 \n', 2],
  ['too many fields', 'a,b\n1,2,3\n', 2],
  ['too few fields', 'a,b\n1\n', 2],
  ['a quote that never closes', 'a,b\n"1,2\n3,4\n', 2],
  ['a quote closed at the end', 'a,b\n1,"2"', 2],
  ['a backslash and a dot', 'a,b\n\\.,\\N\n', 2],
  ['characters of several bytes', 'a,b\nä🤦🏼‍♂️,"漢\n字"\n', 2],
  ['bytes that are no UTF-8', Buffer.from('a,b\n1,\xff\n', 'latin1'), 2],
  ['a character cut off at the end', Buffer.from([...Buffer.from('a,b\n1,'), 0xe4]), 2],
  ['a zero byte', 'a,b\n1,x\0y\n', 2],
  ['only a header', 'a,b\n', 2],
  ['no header', '1,2\n3,4\n', 2, { header: false }],
  ['semicolons', 'a;b\n1,5;"2;3"\n', 2, { delimiter: ';' }],
  ['another quote', "a,b\n'x,y','it''s'\n\"1,2\"\n", 2, { quote: "'" }],
  ['another escape', 'a,b\n"x\\"y","\\\\"\n"a\\b","c\\\n"\n', 2, { escape: '\\' }],
  ['another escape that is left open', 'a,b\n"x\\"\n', 2, { escape: '\\' }],
  ['a text for NULL', 'a,b\nNULL,"NULL"\n,""\nNULLX, NULL\n', 2, { nullText: 'NULL' }],
  ['a text for NULL with a quote in it', `a,b\n"x",y\n`, 2, { nullText: 'y', quote: "'" }],
  ['a long field', `a,b\n${'x'.repeat(300_000)},"${'y""z\n'.repeat(60_000)}"\n`, 2],
  ['many rows', `a,b,c\n${Array.from({ length: 20_000 }, (_, i) => `${i},"${i}\n",`).join('\n')}\n`, 3],
]; // prettier-ignore

test.each(files)('%s: the same rows as COPY reads, or the same refusal', async (_, content, width, csv = {}) => {
  const columns = names.slice(0, width);
  const bytes = Buffer.from(content as string);
  const expected = await byPostgres(bytes, columns, {
    ...defaults,
    ...(csv.quote ? { escape: csv.quote } : {}),
    ...csv,
  });
  expect(await byCheck(bytes, columns, csv)).toEqual(expected);
});
