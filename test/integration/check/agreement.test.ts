import { checkFiles } from '../../../activities/check';
import type { Verdict } from '../../../workflows/checks';
import type { TableContract } from '../../../workflows/table-contract';
import { openLab, type Lab } from '../support/lab';
import { failureOf } from '../support/failures';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('check-agreement');
});
afterAll(() => lab.stop());

type Written = Omit<TableContract, 'table'>;

/** The verdicts of a load through the audit in PostgreSQL, and of `loadline check`, on one file. */
async function bothVerdicts(contract: Written, path: string): Promise<{ load: Verdict[]; check: Verdict[] }> {
  lab.contract(contract);
  const receipt = await lab.load({ pipeline: contract.name, into: contract.name, mode: 'append', from: raw(path) });
  const { verdicts, skipped } = await checkFiles({ table: `main/public.${contract.name}`, ...contract }, [
    lab.path(path),
  ]);
  expect(verdicts.filter(({ kind, verdict }) => kind === 'type' && verdict !== 'pass')).toEqual([]);
  expect(skipped).toEqual([]);
  const load = receipt.tables[0]!.checks ?? [];
  const ids = new Set(load.map(({ id }) => id));
  // Types and duplicates are no checks of the contract, but what makes a load fail before it checks.
  const check = verdicts.filter(({ id }) => ids.has(id)).map(({ first: _, ...verdict }) => verdict);
  return { load: [...load], check };
}

const column = (type: string, more: object): object => ({ type, severity: 'warn', ...more });

const numbers = ['0', '-0', '+0', '1', '-1', '0.005', '0.004999', '-0.005', '9.995', '10', '10.004', '10.005', '1e1', '1.0e-3', 'NaN', 'nan', '9999999999.99', '', '99999999.994']; // prettier-ignore
const doubles = ['0', '-0', '1e308', '-1e308', 'NaN', 'Infinity', '-Infinity', '5e-324', '0.1', '0.30000000000000004', '10', '10.000000000000002', '']; // prettier-ignore
const dates = ['2026-01-01', '2025-12-31', '2026-1-1', '2026-06-30', '2026-07-01', 'infinity', '-infinity', '0001-01-01', '9999-12-31', '2026-06-30 23:59:59+02', '']; // prettier-ignore
const instants = ['2026-01-01T00:00:00Z', '2026-01-01 01:00:00+02:00', '2025-12-31 23:59:59.9999995Z', '2025-12-31 23:59:59.9999994Z', '2026-06-30 22:00:00-02', '2026-06-30 22:00:00.000001-02', '2026-01-01', 'infinity', '']; // prettier-ignore
const times = ['00:00', '05:00:00', '04:59:59.999999', '04:59:59.9999996', '22:00', '22:00:00.0000001', '22:00:00.000001', '']; // prettier-ignore
const texts = ['', '""', 'abc', '"ABC"', 'a1', 'ä1', '🤦🏼‍♂️', '"a\nb"', '"a""b"', 'ab ', ' ab', 'A-12', 'A-123', '１２', 'ab', 'abcdefghij', 'a.b', 'NULL', '\\N', '"a,b"', 'é', 'straße', '\u00a0', '東京☃', '東京☃x', '😀😀😀', '😀😀😀😀']; // prettier-ignore

const families: readonly (readonly [name: string, columns: Record<string, object>, values: readonly string[]])[] = [
  ['decimals', {
    ranged: column('decimal(12,2)', { range: { min: 0, max: 10 } }),
    fine: column('decimal(12,2)', { range: { min: 0.005, max: '10.001' }, notNull: true }),
    listed: column('decimal(12,2)', { accepted: [0, 1, '10.00', 0.01] }),
  }, numbers],
  ['doubles', {
    ranged: column('double', { range: { min: 0.1, max: 10 } }),
    below: column('double', { range: { min: '-5' }, notNull: true }),
    listed: column('double', { accepted: [0, 0.1, 10] }),
  }, doubles],
  ['dates', {
    ranged: column('date', { range: { min: '2026-01-01', max: '2026-06-30' }, notNull: true }),
    listed: column('date', { accepted: ['2026-01-01', '9999-12-31'] }),
    local: column('timestamp', { range: { min: '2026-01-01', max: '2026-06-30T23:59:59' } }),
  }, dates],
  ['instants', {
    ranged: column('timestamptz', { range: { min: '2026-01-01T00:00:00Z', max: '2026-07-01T00:00:00+00:00' }, notNull: true }),
    local: column('timestamp', { range: { min: '2026-01-01T00:00:00', max: '2026-06-30T22:00:00' } }),
  }, instants],
  ['times', { ranged: column('time', { range: { min: '05:00', max: '22:00:00' }, notNull: true }) }, times],
  ['texts', {
    classes: column('text', { pattern: '[A-Za-z]\\w*' }),
    anything: column('text', { pattern: 'a.b', notNull: true }),
    digits: column('text', { pattern: '([A-Z]-\\d{2,3}|\\d+)?' }),
    spaces: column('text', { pattern: '\\s*\\S+' }),
    short: column('text', { length: { min: 1, max: 3 } }),
    long: column('text', { length: { min: 4 } }),
    listed: column('text', { accepted: ['abc', 'a"b', 'NULL', 'a,b', ''] }),
  }, texts],
  ['booleans', { listed: column('boolean', { accepted: [true] }) }, ['t', 'TRUE', 'f', 'no', 'on', '1', '0', '']],
  ['uuids', { there: column('uuid', { notNull: true }) }, ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{A0EEBC999C0B4EF8BB6D6BB9BD380A11}', '']],
]; // prettier-ignore

test.each(families)(
  '%s: the audit in the warehouse and the check of the file say the same',
  async (name, columns, values) => {
    const names = Object.keys(columns);
    const rows = values.map((value) => names.map(() => value).join(','));
    // The key keeps a row of empty fields from being a blank line.
    await lab.file(`${name}.csv`, `no,${names.join(',')}\n${rows.map((row, i) => `${i},${row}`).join('\n')}\n`);
    const contract = { name, create: 'if-missing', columns: { no: { type: 'integer' }, ...columns } } as Written;
    const { load, check } = await bothVerdicts(contract, `${name}.csv`);
    expect(check).toEqual(load);
    expect(load.some(({ broken }) => broken > 0)).toBe(true);
  },
);

test('checks of the whole table say the same: rows, sums, freshness, SQL, rows set aside and repeated', async () => {
  const rows = [
    'A,10.50,open,2026-01-01T00:00:00Z,x',
    'A,10.50,open,2026-01-01T00:00:00Z,x',
    'A,99.00,open,2025-01-01T00:00:00Z,older',
    'B,-5,paid,2026-01-02T00:00:00Z,y',
    'C,7,lost,,"it\'s"',
    'D,,open,2026-01-03 00:00:00+02,',
    'E,1e2,,2026-01-01T00:00:00Z,Äb',
  ];
  await lab.file('whole.csv', `id,amount,state,at,note\n${rows.join('\n')}\n`);
  const sql: Record<string, string> = {
    compared: "amount < 100 and state <> 'lost'",
    calculated: 'amount * 2 - 1 >= 0 or amount is null',
    texted: "upper(note) like 'X%' or char_length(trim(note)) between 1 and 4",
    cased: "case when state in ('open', 'paid') then amount > 0 else note is not null end",
    defaulted: "coalesce(note, 'none') = 'none' or nullif(state, 'open') is distinct from 'paid'",
    larger: 'greatest(amount, 8) > 8 and least(amount, null, 9) < 100',
    dated: "at >= '2026-01-01 00:00:00+00'",
    quoted: `"note" <> 'it''s' or abs("amount") > floor(6.5) or mod(length(note), 2) = 0`,
  };
  const contract = {
    name: 'whole',
    create: 'if-missing',
    columns: {
      id: { type: 'text' },
      amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: 'quarantine', failAbove: 5, reason: 'money' },
      state: { type: 'text', accepted: ['open', 'paid'], severity: 'quarantine', failAbove: '90%' },
      at: { type: 'timestamptz', notNull: true, severity: 'warn' },
      note: { type: 'text' },
    },
    key: ['id'],
    newest: 'at',
    rows: { min: 8, max: 9, severity: 'warn' },
    checks: [
      ...Object.entries(sql).map(([name, condition]) => ({ name, sql: condition, severity: 'warn' as const })),
      { name: 'set_aside', sql: "note <> 'y'", severity: 'quarantine' },
      { name: 'small', sum: { column: 'amount', max: 110 }, severity: 'warn' },
      { name: 'exact', sum: { column: 'amount', min: '110.5', max: 110.5 }, severity: 'warn' },
      { name: 'fresh', freshness: { column: 'at', within: '1 day' }, severity: 'warn' },
      { name: 'ancient', freshness: { column: 'at', within: '36500 days' }, severity: 'warn' },
    ],
  } as Written;
  const { load, check } = await bothVerdicts(contract, 'whole.csv');
  // Of an instant that both have measured for themselves only the verdict is the same.
  const timeless = (verdicts: Verdict[]): object[] =>
    verdicts.map((verdict) => (verdict.kind === 'freshness' ? { ...verdict, got: null } : verdict));
  expect(timeless(check)).toEqual(timeless(load));
  const broken = Object.fromEntries(load.map(({ id, broken: count }) => [id, count]));
  expect(broken).toMatchObject({ rows: 1, 'amount.range': 1, 'state.accepted': 1, 'at.notNull': 1, 'checks.fresh': 1 });
  expect(broken).toMatchObject({ 'checks.ancient': 0, 'checks.small': 1, 'checks.exact': 0 });
});

const refused: readonly (readonly [what: string, contract: Partial<Written>, rows: string, code: string, id: string])[] = [
  ['keys with several values', { key: ['id'] }, '1,a,\n1,b,\n', 'ConflictingDuplicates', 'duplicates'],
  ['keys with several values, equally new', { key: ['id'], newest: 'at' }, '1,a,2026-01-01\n1,b,2026-01-01\n1,c,2025-01-01\n', 'ConflictingDuplicates', 'duplicates'],
  ['a key without a value', { key: ['id'] }, ',a,\n', 'NullKey', 'id.key'],
  ['a value twice, without a key', {}, '1,a,\n2,a,\n', 'NotUnique', 'note.unique'],
  ['a value in rows of several keys', { key: ['id'] }, '1,a,\n2,a,\n', 'NotUnique', 'note.unique'],
  ['a value that is too large', {}, '2147483648,a,\n', 'InvalidValue', 'id.type'],
  ['a date that there is not', {}, '1,a,2026-02-30\n', 'InvalidValue', 'at.type'],
]; // prettier-ignore

test.each(refused)('%s: a load fails, and the check says why', async (what, more, rows, code, id) => {
  const name = what.replaceAll(/\W+/g, '_');
  const columns = {
    id: { type: 'integer' },
    note: { type: 'text', unique: true, ...(id === 'duplicates' ? { unique: false } : {}) },
    at: { type: 'date' },
  };
  await lab.file(`${name}.csv`, `id,note,at\n${rows}`);
  const contract = { name, create: 'if-missing', columns, ...more } as Written;
  lab.contract(contract);
  const failure = await failureOf(lab.load({ pipeline: name, into: name, mode: 'append', from: raw(`${name}.csv`) }));
  expect(failure.type).toBe(code);
  const { verdicts } = await checkFiles({ table: `main/public.${name}`, ...contract }, [lab.path(`${name}.csv`)]);
  expect(verdicts.filter(({ verdict }) => verdict === 'fail').map((one) => one.id)).toEqual([id]);
});

test('repetitions that a load takes out are no finding', async () => {
  await lab.file('again.csv', 'id,note,at\n1,a,2026-01-01\n1,a,2026-01-01\n1,b,2026-01-02\n2,,\n2,,\n');
  const columns = { id: { type: 'integer' }, note: { type: 'text' }, at: { type: 'date' } };
  const contract: Written = { name: 'again', create: 'if-missing', columns, key: ['id'], newest: 'at' };
  lab.contract(contract);
  const { tables } = await lab.load({ pipeline: 'again', into: 'again', mode: 'append', from: raw('again.csv') });
  expect(tables[0]?.duplicates).toBe(3);
  const { verdicts } = await checkFiles({ table: 'main/public.again', ...contract }, [lab.path('again.csv')]);
  expect(verdicts.every(({ verdict }) => verdict === 'pass')).toBe(true);
  expect(verdicts.find(({ id }) => id === 'duplicates')?.got).toContain('3 rows repeat another');
});
