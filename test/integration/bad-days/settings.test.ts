import { createDatabase } from '../../services/services';
import { openLab, type Lab } from '../support/lab';
import { raw } from '../support/source';
import { ask } from './support/healing';

const types = {
  id: 'integer',
  txt: 'text',
  num: 'decimal(20,4)',
  re: 'real',
  dbl: 'double',
  yes: 'boolean',
  day: 'date',
  clock: 'time',
  local: 'timestamp',
  instant: 'timestamptz',
  tree: 'json',
  bin: 'bytes',
} as const;
const columns = {
  ...Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }])),
  spoken: { type: 'timestamptz', format: 'dd.MM.yyyy HH:mm' },
  price: { type: 'decimal(12,2)', format: 'decimal-comma' },
};
const header = [...Object.keys(types), 'spoken', 'price'].join(',');
const rows = [
  `1,"it's \\ a ""quote"" ß€😀",1234.5,1.1,0.1,t,2026-03-04,23:59:59.999999,2026-03-04 05:06:07.000001,2026-03-29T02:30:00+02:00,"{""a"": ""\\u00e9\\n\\\\""}",\\x00ff5c27,22.11.2026 01:30,"1.234,56"`,
  `2,,-0,NaN,-Infinity,f,infinity,00:00,-infinity,10000-01-01T00:00:00Z,[],\\x,01.01.2026 00:00,"-0,5"`,
  `3,\\N,0.0001,1e-40,5e-324,TRUE,0001-12-31 BC,24:00:00,294276-12-31 23:59:59.999999,4713-01-01 00:00:00+00 BC,null,,31.12.1999 23:59,0`,
];

/** What administrators and time have left in databases. */
const hostile: Readonly<Record<string, string>> = {
  timezone: 'Pacific/Kiritimati',
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  escape_string_warning: 'on',
  search_path: 'nowhere',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',

  client_encoding: 'LATIN1',
  client_min_messages: 'debug1',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  row_security: 'off',
  check_function_bodies: 'off',
  lc_messages: 'C',
  enable_hashjoin: 'off',
  enable_seqscan: 'off',

  xmlbinary: 'hex',

  synchronous_commit: 'off',
  vacuum_cost_delay: '10ms',
  jit: 'on',
};

let lab: Lab;
let odd: string;
beforeAll(async () => {
  odd = await createDatabase('odd');
  const [{ name } = { name: '' }] = await ask<{ name: string }>(odd, 'SELECT current_database() AS name');
  for (const [setting, value] of Object.entries(hostile)) {
    const written = setting === 'datestyle' ? value : `'${value}'`;
    await ask(odd, `ALTER DATABASE "${name}" SET ${setting} = ${written}`);
  }
  lab = await openLab('plain', { warehouses: { odd } });
});
afterAll(() => lab.stop());

/** The rows as one session with known settings sees them. */
async function seen(url: string, table: string): Promise<unknown> {
  const known = [
    'timezone = UTC',
    'datestyle = ISO',
    "bytea_output = 'hex'",
    'extra_float_digits = 1',
    "client_encoding = 'UTF8'",
    'standard_conforming_strings = on',
  ];
  const rows = `SELECT to_jsonb(t) - '_loadline_load_id' AS row, day::text, instant::text, local::text FROM public.${table} t ORDER BY id`;
  return ask(url, ...known.map((k) => `SET ${k}`), rows);
}

test.each(['append', 'merge', 'replace', 'insert-only'] as const)(
  'settings of a database change no value: %s',
  async (mode) => {
    const table = mode.replace('-', '_');
    for (const warehouse of ['main', 'odd']) {
      lab.contract({
        name: `${warehouse}-${table}`,
        table: `${warehouse}/public.${table}`,
        columns,
        key: ['id'],
        create: 'if-missing',
      });
      await lab.file(`${table}/a.csv`, [header, ...rows].join('\n'));
      const request = {
        pipeline: `it's "${mode}" \\ é`,
        into: `${warehouse}-${table}`,
        mode,
        from: raw(`${table}/*.csv`),
      };
      expect((await lab.load(request)).outcome).toBe('loaded');
      expect((await lab.load(request)).outcome).toBe('already-loaded');
    }
    const [expected, found] = [await seen(lab.url, table), await seen(odd, table)];
    expect(found).toEqual(expected);
    expect(expected).toMatchObject([
      {
        row: { txt: 'it\'s \\ a "quote" ß€😀', num: 1234.5, price: 1234.56, spoken: '2026-11-22T01:30:00+00:00' },
        day: '2026-03-04',
      },
      { row: { txt: null }, day: 'infinity', instant: '10000-01-01 00:00:00+00' },
      { row: { txt: '\\N' }, day: '0001-12-31 BC', instant: '4713-01-01 00:00:00+00 BC' },
    ]);
  },
);
