import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { pipeline as pipe } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { openLab, type Lab } from '../support/lab';
import { expectRefused } from '../support/refusal';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('csv');
});
afterAll(() => lab.stop());

const types = {
  id: 'integer',
  txt: 'text',
  small: 'smallint',
  big: 'bigint',
  num: 'decimal(38,18)',
  re: 'real',
  dbl: 'double',
  yes: 'boolean',
  day: 'date',
  clock: 'time',
  local: 'timestamp',
  instant: 'timestamptz',
  uid: 'uuid',
  tree: 'json',
  bin: 'bytes',
} as const;
const columns = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));
const sqlTypes: Record<string, string> = {
  'decimal(38,18)': 'numeric(38,18)',
  double: 'double precision',
  json: 'jsonb',
  bytes: 'bytea',
};
const ddl = (table: string): string =>
  `CREATE TABLE ${table} (${Object.entries(types)
    .map(([name, type]) => `${name} ${sqlTypes[type] ?? type}`)
    .join(', ')})`;

/** What a table holds, row by row, as the server writes it. */
async function hashOf(table: string): Promise<string> {
  const [found] = await lab.rows<{ h: string }>(
    `SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) AS h FROM ${table} t`,
  );
  return found!.h;
}

/** The load that a person would do by hand. */
async function copyByHand(table: string, csv: string, options = 'FORMAT csv, HEADER true'): Promise<void> {
  const db = new Client({ connectionString: lab.url });
  await db.connect();
  try {
    await db.query("SET timezone = 'UTC'");
    await pipe(Readable.from([csv]), db.query(copyFrom(`COPY ${table} FROM STDIN WITH (${options})`)));
  } finally {
    await db.end();
  }
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const nothing = ',,,,,,,,,,,,,,';

const texts = [
  '',
  'NULL',
  'null',
  '\\N',
  '\\.',
  ' leading and trailing ',
  'comma, "quote", \'single\', back\\slash, tab\t.',
  'line\nbreak\r\nand carriage\rreturn',
  '\n',
  '"',
  '""',
  '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466} \u{1F1E9}\u{1F1EA}',
  'مرحبا بالعالم \u202Eאבג\u202C',
  'e\u0301 is not \u00e9, a\u030A\u0323',
  '\u0001\u001F\u007F\u0085\u2028\uFEFF\uFFFD',
  "Robert'); DROP TABLE students;--",
  '=cmd()|+1@x',
  'x'.repeat(100_000),
];

const csv = [
  Object.keys(types).join(','),
  `1${nothing}`,
  ...texts.map((text, i) => `${100 + i},${quoted(text)}${',,,,,,,,,,,,,'}`),
  '2,a,-32768,-9223372036854775808,-99999999999999999999.999999999999999999,-3.4028235e+38,-1.7976931348623157e+308,t,0001-01-01,00:00,0001-01-01 00:00:00,0001-01-01 00:00:00+00,00000000-0000-0000-0000-000000000000,{},\\x',
  '3,b,32767,9223372036854775807,99999999999999999999.999999999999999999,3.4028235e+38,1.7976931348623157e+308,false,9999-12-31,23:59:59.999999,9999-12-31 23:59:59.999999,9999-12-31 23:59:59.999999Z,ffffffff-ffff-ffff-ffff-ffffffffffff,[],\\x00ff',
  '4,c,0,0,0.000000000000000001,1.1754944e-38,5e-324,TRUE,0044-03-15 BC,12:00:00.5,0044-03-15 12:00:00 BC,2026-06-01 12:00:00.123456+05:30,A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11,"{""b"": [1, null, ""x""], ""a"": {""n"": 1.10, ""big"": 123456789012345678901234567890.000000000001}}",\\xDEADBEEF',
  '5,d,-0,-1,-0.000000000000000001,NaN,Infinity,no,infinity,24:00:00,-infinity,2026-03-29T02:30:00.000001+01,{a0eebc999c0b4ef8bb6d6bb9bd380a11},"""text""",\\x22',
  '6,e,1,1,1e10,0.1,0.30000000000000004,0,2024-02-29,04:05:06.789,2026-11-22T12:13:14.5,2026-11-22T12:13:14-12:00,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,12345678901234567890123456789,\\x5c',
  '7,f,1,1,NaN,-0,-0,1,1999-01-08,allballs,epoch,2000-01-01 00:00:00.999999-00:30,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,null,"\\x2c"',
].join('\n');

describe('a CSV file of every type', () => {
  test('arrives exactly as by a COPY of one’s own, quoted or packed or as TSV', async () => {
    await lab.rows(ddl('by_hand'));
    await copyByHand('by_hand', csv + '\n');
    const expected = await hashOf('by_hand');
    expect(await lab.rows('SELECT count(*)::int n FROM by_hand')).toEqual([{ n: texts.length + 7 }]);

    const tsv = csv.replaceAll(/"(?:[^"]|"")*"|,/g, (found) => (found === ',' ? '\t' : found));
    const sources: Record<string, string | Buffer> = {
      'plain.csv': csv + '\n',
      'no-end.csv': csv,
      'mark.csv': `\uFEFF${csv}\n`,
      'packed.csv.gz': gzipSync(csv + '\n'),
      'tabs.tsv': tsv,
      'tabs.tsv.gz': gzipSync(tsv),
    };
    for (const [name, content] of Object.entries(sources)) {
      const table = `t_${name.replaceAll(/\W/g, '_')}`;
      const into = lab.contract({ name: table, columns, create: 'if-missing' });
      await lab.file(`every/${name}`, content);
      const receipt = await lab.load({ pipeline: table, into, mode: 'replace', from: raw(`every/${name}`) });
      expect([name, receipt.tables[0]!.inserted]).toEqual([name, texts.length + 7]);
      expect([name, await hashOf(table)]).toEqual([name, expected]);
      expect(
        await lab.rows(`SELECT 1 FROM ${table} t JOIN by_hand b USING (id) WHERE t.tree IS DISTINCT FROM b.tree`),
      ).toEqual([]);
    }
  });

  test('keeps the text that is empty apart from the value that is missing, also with a word for NULL', async () => {
    const into = lab.contract({
      name: 'nulls',
      columns: { id: { type: 'integer' }, a: { type: 'text' }, n: { type: 'integer' } },
      create: 'if-missing',
    });
    await lab.file('nulls/a.csv', 'id,a,n\n1,,\n2,"",\n3,NULL,\n4,"NULL",\n');
    await lab.load({ pipeline: 'nulls', into, mode: 'replace', from: raw('nulls/a.csv') });
    const rows = () => lab.rows('SELECT id, a FROM nulls ORDER BY 1');
    expect(await rows()).toEqual([
      { id: 1, a: null },
      { id: 2, a: '' },
      { id: 3, a: 'NULL' },
      { id: 4, a: 'NULL' },
    ]);
    await lab.file('nulls/b.csv', 'id,a,n\n1,,NULL\n2,"",NULL\n3,NULL,NULL\n4,"NULL",NULL\n');
    await lab.load({
      pipeline: 'nulls',
      into,
      mode: 'replace',
      from: raw('nulls/b.csv', { csv: { nullText: 'NULL' } }),
    });
    expect(await rows()).toEqual([
      { id: 1, a: '' },
      { id: 2, a: '' },
      { id: 3, a: null },
      { id: 4, a: 'NULL' },
    ]);
  });

  test('carries a text of 5 MB', async () => {
    const into = lab.contract({
      name: 'long',
      columns: { id: { type: 'integer' }, a: { type: 'text' } },
      create: 'if-missing',
    });
    const long = '\u{1F600} "quoted", and\nso on '.repeat(200_000);
    await lab.file('long/a.csv', `id,a\n1,${quoted(long)}\n2,b\n`);
    await lab.load({ pipeline: 'long', into, mode: 'append', from: raw('long/a.csv') });
    const [found] = await lab.rows<{ bytes: number; md5: string }>(
      'SELECT octet_length(a) AS bytes, md5(a) FROM long WHERE id = 1',
    );
    expect(found).toEqual({ bytes: Buffer.byteLength(long), md5: createHash('md5').update(long).digest('hex') });
  });
});

describe('how text is read', () => {
  test('a backslash and a dot alone in a line are a value', async () => {
    const into = lab.contract({ name: 'dots', columns: { a: { type: 'text' } }, create: 'if-missing' });
    await lab.file('dots/a.csv', 'a\nbefore\n\\.\nafter\n');
    await lab.load({ pipeline: 'dots', into, mode: 'append', from: raw('dots/a.csv') });
    expect(await lab.rows('SELECT a FROM dots ORDER BY 1')).toEqual([{ a: '\\.' }, { a: 'after' }, { a: 'before' }]);
  });

  test('another delimiter, quote and escape, and lines that end as on Windows', async () => {
    const into = lab.contract({
      name: 'other',
      columns: { a: { type: 'text' }, b: { type: 'text' } },
      create: 'if-missing',
    });
    await lab.file('other/a.txt', "a;b\r\n'x;\\'y'; z\r\n'';\r\n");
    const csv = { delimiter: ';', quote: "'", escape: '\\' };
    await lab.load({ pipeline: 'other', into, mode: 'append', from: raw('other/a.txt', { format: 'csv', csv }) });
    expect(await lab.rows('SELECT a, b FROM other ORDER BY a')).toEqual([
      { a: '', b: null },
      { a: "x;'y", b: ' z' },
    ]);
  });

  test('without a header columns are taken in the order of the contract', async () => {
    const into = lab.contract({
      name: 'headless',
      columns: { a: { type: 'text', from: 'first' }, b: { type: 'integer' } },
      create: 'if-missing',
    });
    await lab.file('headless/a.csv', 'x,1\ny,2\n');
    const receipt = await lab.load({
      pipeline: 'headless',
      into,
      mode: 'append',
      from: raw('headless/a.csv', { csv: { header: false } }),
    });
    expect(receipt.tables[0]!.inserted).toBe(2);
    expect(await lab.rows('SELECT a, b FROM headless ORDER BY 2')).toEqual([
      { a: 'x', b: 1 },
      { a: 'y', b: 2 },
    ]);
  });

  test('without a header no columns may be named by whole numbers, which objects put first', async () => {
    const columns = { b: { type: 'text' }, 0: { type: 'text' } } as const;
    const into = lab.contract({ name: 'numbered', columns, create: 'if-missing' });
    await lab.file('numbered/a.csv', 'x,y\n');
    const from = raw('numbered/a.csv', { csv: { header: false } });
    const says = ['contract numbered', 'whole numbers: 0', 'Give the files a header'];
    await expectRefused(lab, { pipeline: 'numbered', into, mode: 'append', from }, { code: 'InvalidRequest', says });
    await lab.file('numbered/a.csv', 'b,0\nx,y\n');
    await lab.load({ pipeline: 'numbered', into, mode: 'append', from: raw('numbered/a.csv') });
    expect(await lab.rows('SELECT b, "0" FROM numbered')).toEqual([{ b: 'x', 0: 'y' }]);
  });

  test('columns are found by name: renamed, in any order, with others between that are ignored', async () => {
    const contract = {
      id: { type: 'integer', from: 'Order ID' },
      name: { type: 'text', from: 'Name, "full"' },
    } as const;
    const into = lab.contract({ name: 'renamed', columns: contract, extraColumns: 'ignore', create: 'if-missing' });
    await lab.file('renamed/a.csv', '"Order ID","Name, ""full"""\n1,a\n');
    await lab.file('renamed/b.csv', 'x,"Name, ""full""",y,"Order ID",id,name\nno,b,no,2,99,no\n');
    await lab.file('renamed/c.csv', '"Name, ""full""",x,"Order ID"\nc,no,3\n');
    const receipt = await lab.load({ pipeline: 'renamed', into, mode: 'append', from: raw('renamed/*.csv') });
    expect(receipt.tables[0]).toMatchObject({ read: 3, inserted: 3 });
    expect(await lab.rows('SELECT id, name FROM renamed ORDER BY 1')).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
      { id: 3, name: 'c' },
    ]);
  });

  test('formats: dates, decimal commas, epochs, words', async () => {
    const contract = {
      id: { type: 'integer' },
      d: { type: 'date', format: 'dd.MM.yyyy' },
      us: { type: 'date', format: 'M/d/yyyy' },
      ts: { type: 'timestamp', format: 'dd.MM.yyyy HH:mm:ss.SSSSSS' },
      am: { type: 'timestamp', format: 'yyyy-MM-dd hh:mm a' },
      tz: { type: 'timestamptz', format: "yyyyMMdd'T'HHmmssZZ" },
      month: { type: 'date', format: 'dd-MMM-yyyy' },
      num: { type: 'decimal(20,4)', format: 'decimal-comma' },
      whole: { type: 'bigint', format: 'decimal-comma' },
      sec: { type: 'timestamptz', format: 'epoch-seconds' },
      ms: { type: 'timestamp', format: 'epoch-millis' },
      yes: { type: 'boolean', format: 'ja/nein' },
    } as const;
    const into = lab.contract({ name: 'formats', columns: contract, create: 'if-missing' });
    const header = Object.keys(contract).join(';');
    const rows = [
      '1;31.01.2026;1/9/2026;28.02.2026 23:59:59.123456;2026-01-31 12:00 AM;20260329T023000+02:00;05-Feb-2026;-1.234.567,8901;1.234;1767225600.123456;1767225600123.456;Ja',
      '2;01.12.0999;12/31/1999;01.01.0001 00:00:00.000000;2026-01-31 12:30 pm;20260101T000000-05:30;31-DEC-1999;0,5;1234;-1.5;-1;NEIN',
      '3;;;;;;;;;;;',
    ];
    await lab.file('formats/a.csv', [header, ...rows, ''].join('\n'));
    await lab.load({
      pipeline: 'formats',
      into,
      mode: 'append',
      from: raw('formats/a.csv', { csv: { delimiter: ';' } }),
    });
    const as = Object.keys(contract).map((c) => (c === 'id' ? 'id' : `${c}::text`));
    const found = await lab.rows(`SELECT ${as.join(', ')} FROM formats ORDER BY 1`);
    expect(found[0]).toEqual({
      id: 1,
      d: '2026-01-31',
      us: '2026-01-09',
      ts: '2026-02-28 23:59:59.123456',
      am: '2026-01-31 00:00:00',
      tz: '2026-03-29 00:30:00+00',
      month: '2026-02-05',
      num: '-1234567.8901',
      whole: '1234',
      sec: '2026-01-01 00:00:00.123456+00',
      ms: '2026-01-01 00:00:00.123456',
      yes: 'true',
    });
    expect(found[1]).toEqual({
      id: 2,
      d: '0999-12-01',
      us: '1999-12-31',
      ts: '0001-01-01 00:00:00',
      am: '2026-01-31 12:30:00',
      tz: '2026-01-01 05:30:00+00',
      month: '1999-12-31',
      num: '0.5000',
      whole: '1234',
      sec: '1969-12-31 23:59:58.5+00',
      ms: '1969-12-31 23:59:59.999',
      yes: 'false',
    });
    expect(Object.values(found[2]!).filter((v) => v !== null)).toEqual([3]);
  });
});

describe('names', () => {
  const evil = [
    '"; DROP TABLE victim; --',
    "it's 100%41 \\ {}[]$1 ?",
    'Dot.ted.Upper',
    'new\nline',
    'تاريخ \u{1F600}',
    'select',
  ];

  test.each(evil)('of table, schema and column: %j', async (name) => {
    await lab.rows('CREATE TABLE IF NOT EXISTS victim ()');
    const db = new Client({ connectionString: lab.url });
    await db.connect();
    const schema = db.escapeIdentifier(`s ${name}`);
    await db.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await db.end();
    const part = (text: string): string => encodeURIComponent(text).replaceAll('.', '%2E');
    const into = lab.contract({
      name: `evil-${evil.indexOf(name)}`,
      table: `main/${part(`s ${name}`)}.${part(name)}`,
      columns: {
        [name]: { type: 'text' },
        [`${name}2`]: { type: 'integer', format: 'decimal-comma', unique: true },
        n: { type: 'date' },
      },
      key: [name],
      newest: 'n',
      extraColumns: 'ignore',
      partition: { column: 'n', by: 'day' },
      create: 'if-missing',
    });
    const head = [name, `${name}2`, 'n', `${name}3`].map(quoted).join(',');
    const path = `evil-${evil.indexOf(name)}`;
    // A pipeline is a name for people; control characters are refused there.
    const pipeline = name.replace('\n', ' ');
    await lab.file(`${path}/1.csv`, `${head}\na,1,2026-01-01,x\na,1,2026-01-01,y\nb,2,2026-01-01,z\n`);
    await lab.file(`${path}/2.csv`, `${head}\na,3,2026-01-01,x\nc,4,2026-01-01,y\n`);
    const load = (n: number) =>
      lab.load({ pipeline, into, mode: 'merge', from: raw(`${path}/${n}.csv`), part: pipeline });
    expect((await load(1)).tables[0]).toMatchObject({ read: 3, inserted: 2, duplicates: 1 });
    expect((await load(2)).tables[0]).toMatchObject({ read: 2, inserted: 1, updated: 1 });
    const byDay = { partitions: ['2026-01-01'] } as const;
    const receipt = await lab.load({ pipeline, into, mode: 'replace-partition', from: raw(`${path}/2.csv`), ...byDay });
    expect(receipt.tables[0]).toMatchObject({ read: 2, inserted: 2, removed: 3 });
    expect((await lab.warehouse.show(receipt.loadKey)).receipts).toEqual([receipt]);
    expect(await lab.rows('SELECT * FROM victim')).toEqual([]);
  });
});
