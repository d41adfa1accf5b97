import { gzipSync } from 'node:zlib';

/** A sample file and what must be seen in it. */
export interface SampleFile {
  readonly what: string;
  readonly path: string;
  readonly content: string | Uint8Array;
  /** By column: the type, and the format after a blank. */
  readonly types: Readonly<Record<string, string>>;
  readonly key?: readonly string[];
  readonly newest?: string;
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`;

const german = [
  '\uFEFF"Kd.-Nr.";"Name / Firma";"Größe (m²)";Betrag;Bestellt am;Bezahlt;PLZ;Telefon;"Geändert am"',
  '00017;"Müller; Söhne GmbH";12,5;1.234,50;03.11.2026;ja;01067;+49 351 1;03.11.2026 08:15:00',
  '00018;"Café ""Zur Post""";7;19,99;30.11.2026;nein;80331;089 / 22 33;30.11.2026 23:59:59',
  '00019;"Zeile eins\nZeile zwei";0,75;-3,00;01.12.2026;Ja;10115;;01.12.2026 00:00:00',
].join('\r\n');

const exported = [
  'id,created_at,local_time,amount,rate,paid,token,payload,note',
  '1,2026-11-22T08:00:00Z,2026-11-22 08:00,12.50,1.5e-7,true,6f9619ff-8b86-d011-b42d-00cf4fc964ff,"{""a"": [1, 2]}",x',
  '2,2026-11-22T09:30:00.123456+02:00,2026-11-22 23:59:59.5,0.07,2,false,6F9619FF-8B86-D011-B42D-00CF4FC964FE,[],""',
  '3,2026-11-23 00:00:00 UTC,2026-11-23 00:00,100000,-3.25E+3,true,6f9619ff-8b86-d011-b42d-00cf4fc964fd,{},',
];

/** Files in the ways that people write them. */
export const samples: readonly SampleFile[] = [
  {
    what: 'a German export: byte-order mark, semicolons, umlauts, quotes, line ends in fields, decimal commas',
    path: 'Kunden 2026-11.csv',
    content: german,
    types: {
      kd_nr: 'text',
      name_firma: 'text',
      groesse_m2: 'decimal(12,2) decimal-comma',
      betrag: 'decimal(12,2) decimal-comma',
      bestellt_am: 'date dd.MM.yyyy',
      bezahlt: 'boolean ja/nein',
      plz: 'text',
      telefon: 'text',
      geaendert_am: 'timestamp dd.MM.yyyy HH:mm:ss',
    },
    key: ['kd_nr'],
    newest: 'geaendert_am',
  },
  {
    what: 'the export of a database: ISO times with and without zone, JSON, UUIDs, exponents, empty text beside NULL',
    path: 'export.csv.gz',
    content: gzipSync(exported.join('\n')),
    types: {
      id: 'bigint',
      created_at: 'timestamptz',
      local_time: 'timestamp',
      amount: 'decimal(12,2)',
      rate: 'double',
      paid: 'boolean',
      token: 'uuid',
      payload: 'json',
      note: 'text',
    },
    key: ['id'],
  },
  {
    what: 'dates that fit two orders stay text, dates that fit one do not',
    path: 'american.csv',
    content: lines(
      'order id,clear,unclear,short',
      '7,11/22/2026,01/02/2026,1/22/2026',
      '8,12/01/2026,03/04/2026,12/1/2026',
    ),
    types: { order_id: 'bigint', clear: 'date MM/dd/yyyy', unclear: 'text', short: 'date M/d/yyyy' },
    key: ['order_id'],
  },
  {
    what: 'tab-separated text with digits that are no numbers',
    path: 'codes.tsv',
    content: lines(
      'sku\tzip\tphone\tsmall\tbig\thuge',
      '100\t10115\t0301234\t-5\t9007199254740993\t123456789012345678901',
      '200\t80331\t0891234\t12\t1\t2',
    ),
    types: { sku: 'text', zip: 'text', phone: 'text', small: 'integer', big: 'bigint', huge: 'decimal(38,0)' },
    key: ['sku'],
  },
  {
    what: 'pipes, single quotes, and clock times with am and pm',
    path: 'pipes.txt.csv',
    content: lines(
      'When|Who|At',
      "'Nov 2, 2026'|'O''Hara'|11/22/2026 9:05 PM",
      "'Dec 24, 2026'|'x|y'|12/01/2026 12:00 AM",
    ),
    types: { when: 'date MMM d, yyyy', who: 'text', at: 'timestamp MM/dd/yyyy h:mm a' },
    key: ['when'],
  },
  {
    what: 'what only looks like something: two-digit years, thousands with commas, impossible dates, mixed zones, NaN',
    path: 'lookalikes.csv',
    content: lines(
      'short_year,thousands,impossible,mixed,nan,flag,ambiguous,twenty_four',
      '22.11.26,"1,234.50",2026-02-29,2026-01-01T00:00:00Z,NaN,Y,"1,234",24:00',
      '23.11.26,"2,000.00",2026-02-28,2026-01-01T00:00:00,1,Y,"5,678",12:00',
    ),
    types: {
      short_year: 'text',
      thousands: 'text',
      impossible: 'text',
      mixed: 'text',
      nan: 'text',
      flag: 'text',
      ambiguous: 'text',
      twenty_four: 'text',
    },
    key: ['short_year'],
  },
  {
    what: 'seconds and milliseconds since 1970, compact dates, times of day, durations',
    path: 'epochs.csv',
    content: lines(
      'id,created_at,updated_at,order_date,starts,duration',
      '1,1795334400,1795334400123,20261122,08:15,00:12',
      '2,1795334401,1795334401000,20261201,23:59:59,00:45',
    ),
    types: {
      id: 'bigint',
      created_at: 'timestamptz epoch-seconds',
      updated_at: 'timestamptz epoch-millis',
      order_date: 'date yyyyMMdd',
      starts: 'time',
      duration: 'text',
    },
    key: ['id'],
    newest: 'updated_at',
  },
  {
    what: 'a file without a header',
    path: 'headless.csv',
    content: lines('1,2026-11-22,9.5', '2,2026-11-23,8.25', '3,2026-11-24,7'),
    types: { column_1: 'integer', column_2: 'date', column_3: 'decimal(12,2)' },
    key: ['column_2'],
  },
  {
    what: 'headers that collide, are missing, begin with digits or are words of SQL',
    path: 'headers.csv',
    content: lines('Order,order,ORDER!,,2026,select,"a ""b""",_loadline_x,n', 'a,b,c,d,5,f,g,h,1', 'i,j,k,l,6,n,o,p,2'),
    types: {
      order_2: 'text',
      order: 'text',
      order_3: 'text',
      c_2026: 'integer',
      select: 'text',
      a_b: 'text',
      loadline_x: 'text',
      n: 'integer',
    },
    key: ['order_2'],
  },
  {
    what: 'a column without a value, whole rows of emptiness, backslashes',
    path: 'empty.csv',
    content: lines('a,b,c', ',,', '\\N,,"\\"', '\\.,,1'),
    types: { a: 'text', b: 'text', c: 'text' },
  },
  {
    what: 'one column, with a blank line in it',
    path: 'one.csv',
    content: 'name\nx\n\ny\n',
    types: { name: 'text' },
  },
  {
    what: 'a header and no row',
    path: 'none.csv',
    content: 'id,name\n',
    types: { id: 'text', name: 'text' },
  },
  {
    what: 'two columns that identify a row together',
    path: 'prices.csv',
    content: lines('symbol,day,price', 'A,2026-11-21,1.5', 'B,2026-11-21,1.5', 'A,2026-11-22,1.5', 'B,2026-11-22,1.5'),
    types: { symbol: 'text', day: 'date', price: 'decimal(12,2)' },
    key: ['symbol', 'day'],
  },
];
