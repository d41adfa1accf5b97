import { Client } from 'pg';
import { columnReading, state } from '../../../activities/check/column-reading';
import { parseColumnType } from '../../../activities/contracts';
import { openDuck, duckText, type Duck } from '../../../activities/sources/duck';
import { postgresType, textFormat } from '../../../activities/warehouses/postgres/types';
import { createDatabase } from '../../services/services';
import { hostileTexts } from './support/hostile-texts';

let db: Client;
let duck: Duck;
beforeAll(async () => {
  db = new Client({ connectionString: await createDatabase('check-values') });
  // The database is dropped before the connection has ended.
  db.on('error', () => undefined);
  await db.connect();
  // As a load's sessions have them.
  await db.query("SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'");
  duck = await openDuck();
});
afterAll(async () => {
  await duck.close();
  await db.end();
});

interface Read {
  readonly text: string;
  readonly state: number;
  readonly value: string | null;
}

/** Every text as `loadline check` reads it for a column of this type. */
async function readByCheck(type: string, texts: readonly string[], format?: string): Promise<Read[]> {
  const { value, state: found } = columnReading({ type, ...(format === undefined ? {} : { format }) }, 0);
  const rows = texts.map((text) => `(${duckText(text).replaceAll('\n', "' || chr(10) || '")})`).join(', ');
  await duck.connection.run(`CREATE OR REPLACE TABLE raw AS SELECT * FROM (VALUES ${rows}) t(r0)`);
  const shown = parseColumnType(type)!.base === 'bytes' ? `'\\x' || hex(v0)` : 'v0::VARCHAR';
  const read = await duck.connection.runAndReadAll(
    `SELECT r0, s0::INTEGER, ${shown} FROM (SELECT *, ${found} FROM (SELECT *, ${value} FROM raw))`,
  );
  return read.getRows().map(([text, is, shownValue]) => ({
    text: String(text),
    state: Number(is),
    value: shownValue as string | null,
  }));
}

/** What PostgreSQL says of a text, and whether it takes the value that was read here for the same. */
async function readByPostgres({ text, value }: Read, type: string): Promise<{ valid: boolean; same: boolean | null }> {
  const { rows } = await db.query<{ valid: boolean }>('SELECT pg_input_is_valid($1, $2) AS valid', [text, type]);
  const valid = rows[0]!.valid;
  if (!valid || value === null) return { valid, same: null };
  const compared = await db
    .query<{ same: boolean }>(`SELECT $1::${type} = $2::${type} AS same`, [text, value])
    .catch((error: Error) => ({ rows: [{ same: null, error: error.message }] }));
  return { valid, same: compared.rows[0]!.same };
}

const types = [
  'text', 'smallint', 'integer', 'bigint', 'decimal(12,2)', 'decimal(38,10)', 'real', 'double', 'boolean', 'date', 'time', 'timestamp',
  'timestamptz', 'uuid', 'json', 'bytes',
]; // prettier-ignore

test.each(types)('%s: every text that PostgreSQL takes is taken, with the same value, and no other', async (type) => {
  const known = new Map<number, string>([
    [state.fits, 'takes'],
    [state.nan, 'takes'],
    [state.misfit, 'refuses'],
  ]);
  const differing: object[] = [];
  const open: string[] = [];
  for (const read of await readByCheck(type, hostileTexts)) {
    const { valid, same } = await readByPostgres(read, postgresType(type));
    const here = known.get(read.state);
    if (here === undefined) open.push(read.text);
    else if (here !== (valid ? 'takes' : 'refuses') || same === false || (read.value !== null && same === null))
      differing.push({ ...read, valid, same });
  }
  expect(differing).toEqual([]);
  // Only forms that nobody writes without a reason may be left open.
  expect(open.length).toBeLessThan(hostileTexts.length / 3);
});

const formats: readonly (readonly [type: string, format: string, texts: readonly string[]])[] = [
  ['decimal(12,2)', 'decimal-comma', ['1.234,50', '1234,5', '1,005', '-1,005', '+7', '1.23,4', '1,2,3', '', '9.999.999.999,99', '9999999999,995', '0,', ',5', '1.234']],
  ['bigint', 'decimal-comma', ['1.234', '1234', '1,5', '9.223.372.036.854.775.807', '9.223.372.036.854.775.808']],
  ['timestamptz', 'epoch-seconds', ['0', '-1', '1790000000', '1790000000.5', '1790000000.1234565', '9999999999999999', 'x', '', '1e9', ' 1', '253402300800']],
  ['timestamp', 'epoch-millis', ['0', '-1', '1790000000123', '1790000000123.4567', '9999999999999999']],
  ['boolean', 'ja/nein', ['ja', 'NEIN', 'Ja', 'j', '', 'true', 'nein ']],
  ['date', 'dd.MM.yyyy', ['31.12.2026', '31.02.2026', '29.02.2024', '1.1.2026', '00.01.2026', '01.13.2026', '31.12.26', '', '31.12.2026 ']],
  ['date', 'd.M.yyyy', ['1.1.2026', '31.12.2026', '32.1.2026', '01.01.2026', '1.1.26']],
  ['date', 'yyyyMMdd', ['20261231', '20260229', '2026123', '20261301']],
  ['date', 'dd MMM yyyy', ['01 Jan 2026', '01 jan 2026', '01 JAN 2026', '01 Foo 2026', '31 Feb 2026']],
  ['timestamp', 'dd.MM.yyyy HH:mm:ss', ['31.12.2026 23:59:59', '31.12.2026 24:00:00', '31.12.2026 23:60:00', '31.12.2026 23:59:60', '31.12.2026']],
  ['timestamp', 'MM/dd/yyyy hh:mm a', ['12/31/2026 11:59 PM', '12/31/2026 12:00 am', '12/31/2026 13:00 PM', '12/31/2026 00:30 AM', '12/31/2026 1:30 PM']],
  ['timestamp', "yyyy-MM-dd'T'HH:mm:ss.SSS", ['2026-01-31T05:06:07.123', '2026-01-31T05:06:07.12', '2026-01-31 05:06:07.123']],
  ['timestamptz', 'yyyy-MM-dd HH:mm:ss ZZ', ['2026-01-31 05:06:07 +02:00', '2026-01-31 05:06:07 -03:30', '2026-01-31 05:06:07 +99:00', '2026-01-31 05:06:07']],
  ['timestamptz', 'yyyy-MM-dd HH:mm:ss.SSSSSS', ['2026-01-31 05:06:07.123456', '2026-01-31 05:06:07.1']],
]; // prettier-ignore

test.each(formats)('%s written as %s: what a load reads is read, and nothing else', async (type, format, texts) => {
  const form = textFormat({ type, format }, postgresType(type))!;
  const differing: object[] = [];
  for (const read of await readByCheck(type, texts, format)) {
    const { text, value } = read;
    const formed = await db.query<{ formed: boolean }>('SELECT $1::text ~ $2::text AS formed', [text, form.pattern]);
    const cast = form.cast('t.x');
    const same = formed.rows[0]!.formed
      ? await db
          .query<{ same: boolean }>(
            `SELECT ${cast} IS NOT DISTINCT FROM $2::${postgresType(type)} AS same FROM (SELECT $1::text AS x) t`,
            [text, value],
          )
          .then(
            ({ rows }) => rows[0]!.same,
            () => null,
          )
      : null;
    const expected = same === null ? state.misfit : state.fits;
    if (read.state !== expected || same === false) differing.push({ ...read, same });
  }
  expect(differing).toEqual([]);
});
