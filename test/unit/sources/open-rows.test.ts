import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openRows } from '../../../activities/sources/open-rows';
import { openParquetText } from '../../../activities/sources/parquet-rows';
import { freeze, ofCode, openOne, rowsOf, type Sandbox, sandbox, settled, textOf, writeParquet } from './files';

let box: Sandbox;
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`loadline-${process.pid}-`));
let before: string[];
beforeEach(() => {
  box = sandbox();
  before = leftovers();
});
afterEach(() => {
  box.remove();
  expect(leftovers()).toEqual(before);
});

describe('text', () => {
  test('bytes pass through, without the byte-order mark', async () => {
    box.write('a.csv', '\ufeffa,b\r\n1,"x\ny"\r\n');
    const rows = await openOne(box, 'a.csv');
    expect(rows).toMatchObject({ columns: ['a', 'b'], csv: { delimiter: ',', header: true } });
    expect(await textOf(rows.stream)).toBe('a,b\r\n1,"x\ny"\r\n');
    await rows.verify();
    expect(rows.bytesRead()).toBe(17);
  });

  test.each(['', '\ufeff', 'a', 'a,b\n'])('the short text %p is read whole', async (text) => {
    box.write('a.csv', text);
    expect(await rowsOf(box, 'a.csv')).toBe(text.replace('\ufeff', ''));
  });

  test('gzip of several members, of large text and with padding is read whole', async () => {
    const large = 'a\n' + '0123456789\n'.repeat(300_000);
    const members = [gzipSync(large), gzipSync(''), gzipSync('tail\n')];
    box.write('a.csv.gz', Buffer.concat(members));
    expect(await rowsOf(box, 'a.csv.gz')).toBe(large + 'tail\n');
    box.write('a.csv.gz', Buffer.concat([...members, Buffer.alloc(1_000_000)]));
    expect(await rowsOf(box, 'a.csv.gz')).toBe(large + 'tail\n');
  });

  test('data behind the padding of gzip is not lost in silence', async () => {
    box.write('a.csv.gz', Buffer.concat([gzipSync('a\n1\n'), Buffer.alloc(9), gzipSync('2\n')]));
    await expect(rowsOf(box, 'a.csv.gz')).rejects.toEqual(ofCode('CorruptFile'));
  });

  test('a truncated or damaged gzip fails the stream', async () => {
    const packed = gzipSync('a\n' + Array.from({ length: 200_000 }, () => Math.random()).join('\n'));
    box.write('a.csv.gz', packed.subarray(0, -3000));
    await expect(rowsOf(box, 'a.csv.gz')).rejects.toEqual(ofCode('CorruptFile'));
    packed.fill(0x55, 1_000_000, 1_001_000);
    box.write('a.csv.gz', packed);
    await expect(rowsOf(box, 'a.csv.gz')).rejects.toEqual(ofCode('CorruptFile'));
  });

  test('a file that changed after it was frozen is refused: by size at once, else by hash', async () => {
    const path = box.write('a.csv', 'a\n1\n');
    const { manifest } = await freeze(box, 'a.csv');
    const [file] = manifest.files;
    const input = { store: box.store, manifest, file: file!, wanted: [], signal: new AbortController().signal };
    writeFileSync(path, 'a\n2\n');
    const rows = await openRows(input);
    await textOf(rows.stream);
    await expect(rows.verify()).rejects.toEqual(ofCode('SourceChanged'));
    writeFileSync(path, 'a\n22\n');
    await expect(openRows(input)).rejects.toEqual(ofCode('SourceChanged'));
    rmSync(path);
    await expect(openRows(input)).rejects.toEqual(ofCode('SourceNotFound'));
  });

  test('an abort in mid stream fails with its reason', async () => {
    box.write('a.csv', 'a\n' + '0123456789\n'.repeat(1_000_000));
    const stop = new AbortController();
    const { stream } = await openOne(box, 'a.csv', { signal: stop.signal });
    const read = (async () => {
      for await (const _ of stream) stop.abort(new Error('stop'));
    })();
    await expect(read).rejects.toThrow('stop');
  });

  test('a consumer may stop early', async () => {
    box.write('a.csv.gz', gzipSync('a\n' + '0123456789\n'.repeat(1_000_000)));
    const { stream } = await openOne(box, 'a.csv.gz');
    for await (const _ of stream) break;
    expect(stream.destroyed).toBe(true);
  });
});

describe('Parquet', () => {
  const parquet = async (query: string, options?: string) => {
    await writeParquet(join(box.root, 'a.parquet'), query, options);
    return rowsOf(box, 'a.parquet');
  };

  test.each<[string, string, string]>([
    ['NULL', 'NULL::VARCHAR', ''],
    ['empty text', `''`, '""'],
    ['quotes', `'""'`, '""""""'],
    ['backslash N', `'\\N'`, '"\\N"'],
    ['backslash dot', `'\\.'`, '"\\."'],
    ['the word NULL', `'NULL'`, '"NULL"'],
    ['line breaks', `'a' || chr(10) || chr(13) || 'b'`, '"a\n\rb"'],
    ['unicode', `'ü€😀'`, '"ü€😀"'],
    ['spaces', `' a '`, '" a "'],
    ['double', '0.1::DOUBLE + 0.2::DOUBLE', '0.30000000000000004'],
    ['smallest double', `'5e-324'::DOUBLE`, '5e-324'],
    ['not a number', `'nan'::DOUBLE`, 'nan'],
    ['infinity', `'-inf'::DOUBLE`, '-inf'],
    ['float', '1.1::FLOAT', '1.1'],
    ['decimal', '1234567890123456789012345678901234.5678::DECIMAL(38,4)', '1234567890123456789012345678901234.5678'],
    ['64 bits', `'-9223372036854775808'::BIGINT`, '-9223372036854775808'],
    ['unsigned 64 bits', '18446744073709551615::UBIGINT', '18446744073709551615'],
    ['boolean', 'true', 'true'],
    ['timestamp', `TIMESTAMP '2020-01-02 03:04:05.123456'`, '2020-01-02 03:04:05.123456'],
    ['nanoseconds, all digits', `TIMESTAMP_NS '2020-01-02 03:04:05.123456789'`, '2020-01-02 03:04:05.123456789'],
    ['timestamp before Christ', `TIMESTAMP '0044-03-15 (BC) 01:02:03'`, '0044-03-15 01:02:03 BC'],
    ['timestamp infinity', `TIMESTAMP '-infinity'`, '-infinity'],
    ['time zone', `TIMESTAMPTZ '2020-01-02 03:04:05.5+02'`, '2020-01-02 01:04:05.5+00'],
    ['time zone before Christ', `TIMESTAMPTZ '0044-03-15 (BC) 01:02:03+00'`, '0044-03-15 01:02:03+00 BC'],
    ['no time', 'NULL::TIMESTAMPTZ', ''],
    ['date', `DATE '2020-02-29'`, '2020-02-29'],
    ['date before Christ', `DATE '0044-03-15 (BC)'`, '0044-03-15 BC'],
    ['date infinity', `DATE 'infinity'`, 'infinity'],
    ['far date', `DATE '12345-01-01'`, '12345-01-01'],
    ['time', `TIME '12:34:56.123456'`, '12:34:56.123456'],
    ['uuid', `'00000000-0000-0000-0000-0000000000ff'::UUID`, '00000000-0000-0000-0000-0000000000ff'],
    ['bytes', `'\\xAB\\x00z'::BLOB`, '"\\xAB007A"'],
    ['no bytes', `''::BLOB`, '"\\x"'],
    ['NULL bytes', 'NULL::BLOB', ''],
    ['list', `[1, NULL, 3]`, '"[1,null,3]"'],
    ['NULL list', 'NULL::INTEGER[]', ''],
    ['struct', `{'a "b"': 1.50::DECIMAL(9,2), 'n': NULL::VARCHAR}`, '"{""a \\""b\\"""":1.50,""n"":null}"'],
    ['decimals in a list', '[9999999999999999.99::DECIMAL(18,2), NULL]', '"[9999999999999999.99,null]"'],
    ['a struct whose names look like types', `{'DECIMAL(9,2)': 1.5::DECIMAL(9,2)}`, '"{""DECIMAL(9,2)"":1.50}"'],
    ['map', `MAP {'k': [1, 2]}`, '"{""k"":[1,2]}"'],
    ['enum', `'aa'::ENUM('aa', 'b')`, '"aa"'],
    ['json', `'{"j": 1.0}'::JSON`, '"{""j"": 1.0}"'],
    ['interval', `INTERVAL '1 year 2 days 03:00:00'`, '1 year 2 days 03:00:00'],
  ])('arrives as PostgreSQL reads it: %s', async (_title, sql, text) => {
    expect(await parquet(`SELECT 1 AS i, ${sql} AS v`)).toBe(`1,${text}\n`);
  });

  test('columns come in the order wanted, by their names in the file', async () => {
    await writeParquet(join(box.root, 'a.parquet'), `SELECT 1 AS "it's", 2 AS "quo""te", 3 AS "c, d", 4 AS e`);
    expect(await rowsOf(box, 'a.parquet', ['c, d', 'quo"te', "it's"])).toBe('3,2,1\n');
    await expect(rowsOf(box, 'a.parquet', ['x'])).rejects.toEqual(ofCode('MissingColumn'));
    await expect(rowsOf(box, 'a.parquet', [])).rejects.toEqual(ofCode('InvalidRequest'));
  });

  test('rows keep their order, and a file without rows is empty', async () => {
    const lines = (await parquet('SELECT i FROM range(500000) t(i)', ', ROW_GROUP_SIZE 20000')).split('\n');
    expect(lines.slice(0, -1).every((line, index) => line === String(index))).toBe(true);
    expect(lines).toHaveLength(500_001);
    expect(await parquet('SELECT 1 AS i LIMIT 0')).toBe('');
  });

  const large = () =>
    writeParquet(join(box.root, 'a.parquet'), 'SELECT i, hash(i)::VARCHAR AS h FROM range(1000000) t(i)');

  test('a truncated or damaged file fails, also when the damage shows late', async () => {
    await large();
    const path = join(box.root, 'a.parquet');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, -100));
    await expect(rowsOf(box, 'a.parquet')).rejects.toEqual(ofCode('CorruptFile'));
    writeFileSync(path, bytes.fill(7, bytes.length - 2_000_000, bytes.length - 1_000_000));
    await expect(rowsOf(box, 'a.parquet')).rejects.toEqual(ofCode('CorruptFile'));
  });

  test('a file that changes while it is read is refused', async () => {
    await large();
    const path = join(box.root, 'a.parquet');
    const rows = await openOne(box, 'a.parquet');
    await textOf(rows.stream);
    await rows.verify();
    const bytes = readFileSync(path);
    await settled(20);
    writeFileSync(path, bytes);
    await expect(rows.verify()).rejects.toEqual(ofCode('SourceChanged'));
    truncateSync(path, bytes.length - 1);
    await expect(rows.verify()).rejects.toEqual(ofCode('SourceChanged'));
  });

  test('an abort in mid stream fails with its reason', async () => {
    await large();
    const stop = new AbortController();
    const { stream } = await openOne(box, 'a.parquet', { signal: stop.signal });
    const read = (async () => {
      for await (const _ of stream) stop.abort(new Error('stop'));
    })();
    await expect(read).rejects.toThrow('stop');
  });

  test('an abort while nobody reads frees the writer that waits for room', async () => {
    await large();
    const stop = new AbortController();
    const { stream } = await openOne(box, 'a.parquet', { signal: stop.signal });
    stream.once('error', () => {});
    await settled(100);
    stop.abort(new Error('stop'));
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.errored?.message).toBe('stop');
  });

  test('consumers may stop early or never begin, and many streams at once come to their end', async () => {
    await large();
    for (let round = 0; round < 3; round++) {
      const { stream } = await openOne(box, 'a.parquet');
      for await (const _ of stream) break;
    }
    // Soon, later and never: the writer may not have come to open the FIFO yet.
    for (const ms of [0, 0, 0, 1, 2, 5, 20]) {
      const { stream } = await openOne(box, 'a.parquet');
      if (ms) await settled(ms);
      stream.destroy();
      await new Promise((resolve) => stream.once('close', resolve));
    }
    const texts = await Promise.all(Array.from({ length: 6 }, () => rowsOf(box, 'a.parquet', ['i'])));
    expect(new Set(texts.map((text) => text.length)).size).toBe(1);
  });

  test('an abort ends the wait for a free slot', async () => {
    await large();
    const held = await Promise.all([openOne(box, 'a.parquet'), openOne(box, 'a.parquet')]);
    const stop = new AbortController();
    const waiting = openOne(box, 'a.parquet', { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stop')), 200);
    await expect(waiting).rejects.toThrow('stop');
    await expect(openOne(box, 'a.parquet', { signal: stop.signal })).rejects.toThrow('stop');
    for (const { stream } of held) {
      stream.destroy();
      await new Promise((resolve) => stream.once('close', resolve));
    }
  });

  test.each([false, true])('a file that is gone fails without hanging (temporary file: %p)', async (tempFile) => {
    const columns = async () => [{ name: 'i', duckName: 'i', duckType: 'BIGINT' }];
    const signal = new AbortController().signal;
    const read = async () => {
      const opened = await openParquetText({ local: join(box.root, 'no'), object: 'o', signal, tempFile, columns });
      await textOf(opened.stream);
    };
    await expect(read()).rejects.toEqual(ofCode('SourceNotFound'));
  });

  test('without FIFOs the rows pass through a temporary file', async () => {
    await large();
    const columns = async () => [{ name: 'i', duckName: 'i', duckType: 'BIGINT' }];
    const { stream } = await openParquetText({
      local: join(box.root, 'a.parquet'),
      object: 'o',
      signal: new AbortController().signal,
      tempFile: true,
      columns,
    });
    expect((await textOf(stream)).split('\n')).toHaveLength(1_000_001);
  });
});
