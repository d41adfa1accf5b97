import { choicesOf, contractUnder, decidedOn, type FailedCheck, type GivenVerdict } from '../../../workflows/verdict';

const check = (column: string, kind: string): FailedCheck => ({
  ...{ id: `${column}.${kind}`, kind, column, scope: 'row', broken: 1, of: 9 },
  ...{ expected: 'a value', got: '1 of 9 rows break it' },
});
const ofTable = (id: string, kind: string, scope: 'row' | 'batch'): FailedCheck => ({
  ...{ id, kind, scope, broken: 1, of: 9, expected: 'more', got: 'less' },
});
const failed = [check('x', 'range'), check('y', 'notNull')];
const given: GivenVerdict = {
  verdict: 'release',
  by: 'ann',
  reason: 'known',
  failed: [{ table: 'd.s.t', sha256: 'a', rows: 9, checks: failed, whole: [] }],
};

test('a verdict counts for the same content of the same table', () => {
  expect(decidedOn(given, { table: 'd.s.t', sha256: 'a' })).toEqual(failed);
  expect(decidedOn(given, { table: 'd.s.t', sha256: 'b' })).toBeUndefined();
  expect(decidedOn(given, { table: 'd.s.u', sha256: 'a' })).toBeUndefined();
  expect(decidedOn(undefined, { table: 'd.s.t', sha256: 'a' })).toBeUndefined();
});

test('a quarantine is no choice where a table would fail all the same', () => {
  expect(choicesOf([{ whole: [] }, { whole: [] }])).toEqual(['release', 'quarantine', 'reject']);
  expect(choicesOf([{ whole: [] }, { whole: ['rows'] }])).toEqual(['release', 'reject']);
});

test('what one table of a set would not take is no choice for any', () => {
  const release = { whole: [], impossible: { release: 'NotUnique [t.mail]' } };
  const quarantine = { whole: [], impossible: { quarantine: 'EmptyReplace [t]' } };
  expect(choicesOf([{ whole: [] }, release])).toEqual(['quarantine', 'reject']);
  expect(choicesOf([quarantine, { whole: [] }])).toEqual(['release', 'reject']);
  expect(choicesOf([release, quarantine])).toEqual(['reject']);
});

describe('a contract under a verdict', () => {
  const x = { type: 'integer', range: { min: 0 }, severity: 'quarantine', failAbove: 5 } as const;
  const y = { type: 'text', notNull: true, severity: 'warn', failAbove: '1%' } as const;
  const even = { name: 'even', sql: 'x % 2 = 0', failAbove: 3, severity: 'warn' } as const;
  const total = { name: 'total', sum: { column: 'x', min: 1 } } as const;
  const contract = { name: 't', table: 'main/t', columns: { x, y }, checks: [even, total], rows: { min: 3 } };
  const all = [check('y', 'notNull'), ofTable('checks.even', 'sql', 'row'), ofTable('checks.total', 'sum', 'batch')];

  test('sets aside the rows that break the checks that failed, and leaves all other checks as they are', () => {
    expect(contractUnder(contract, 'quarantine', all)).toEqual({
      ...contract,
      columns: { x, y: { type: 'text', notNull: true, severity: 'quarantine' } },
      checks: [{ name: 'even', sql: 'x % 2 = 0', severity: 'quarantine' }, total],
    });
  });

  test('lets pass what is released, and leaves all other checks as they are', () => {
    expect(contractUnder(contract, 'release', all)).toEqual({
      ...contract,
      columns: { x, y: { type: 'text', notNull: true, severity: 'warn' } },
      checks: [
        { name: 'even', sql: 'x % 2 = 0', severity: 'warn' },
        { ...total, severity: 'warn' },
      ],
    });
    const rows = ofTable('rows', 'rows', 'batch');
    expect(contractUnder(contract, 'release', [rows])).toEqual({ ...contract, rows: { min: 3, severity: 'warn' } });
    const watched = { ...contract, anomalies: { severity: 'fail', warmUp: 30 } } as const;
    expect(contractUnder(watched, 'release', [ofTable('anomaly.rows', 'anomaly', 'batch')])).toEqual({
      ...contract,
      anomalies: { severity: 'warn', warmUp: 30 },
    });
  });

  test('goes on setting aside rows without a key', () => {
    const { columns } = contractUnder({ ...contract, key: ['x'] }, 'release', [check('x', 'range')]);
    expect(columns['x']).toEqual({ type: 'integer', range: { min: 0 }, severity: 'quarantine' });
  });
});
