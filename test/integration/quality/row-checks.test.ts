import type { ColumnContract, Severity, TableCheck } from '../../../workflows/table-contract';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import { failureOf } from '../support/failures';
import { fetchHistory, textOf } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('row_checks');
  await lab.rows(
    `CREATE TABLE states (name text, code integer); INSERT INTO states VALUES ('open', 1), ('paid', 2), (NULL, 3)`,
  );
});
afterAll(() => lab.stop());

const marker = 'S3CRET-VALUE';

/** A kind of check; its good values, `''` for NULL among them, and values that break it. */
interface Kind {
  readonly kind: string;
  readonly column: ColumnContract;
  readonly check?:
    Omit<Extract<TableCheck, { sql: string }>, 'name'> | Omit<Extract<TableCheck, { references: object }>, 'name'>;
  readonly good: readonly string[];
  readonly bad: readonly string[];
  readonly code: LoadErrorCode;
}

const kinds: readonly Kind[] = [
  { kind: 'notNull', column: { type: 'text', notNull: true }, good: ['a', ' '], bad: [''], code: 'NullValue' },
  { kind: 'range', column: { type: 'decimal(12,2)', range: { min: 0, max: 10 } }, good: ['0', '10', ''], bad: ['-0.01', '10.01'], code: 'OutOfRange' },
  { kind: 'accepted', column: { type: 'text', accepted: ['open', "it's", 'a\\b'] }, good: ['open', "it's", 'a\\b', ''], bad: ['Open', marker], code: 'CheckFailed' },
  { kind: 'accepted', column: { type: 'integer', accepted: [1, 2, '3'] }, good: ['1', '3', ''], bad: ['4'], code: 'CheckFailed' },
  { kind: 'accepted', column: { type: 'double', accepted: [0.1, 2] }, good: ['0.1', '2', ''], bad: ['0.2'], code: 'CheckFailed' },
  { kind: 'accepted', column: { type: 'boolean', accepted: [true] }, good: ['true', ''], bad: ['false'], code: 'CheckFailed' },
  { kind: 'accepted', column: { type: 'timestamptz', accepted: ['2026-01-01T00:00:00Z'] }, good: ['2026-01-01T01:00:00+01:00', ''], bad: ['2026-01-02T00:00:00Z'], code: 'CheckFailed' },
  { kind: 'pattern', column: { type: 'text', pattern: '[A-Z]{2}\\d+|-' }, good: ['AB1', '-', ''], bad: ['AB', 'xAB1', 'AB1 ', 'AB1-', 'AB\u0661', marker], code: 'CheckFailed' },
  { kind: 'pattern', column: { type: 'text', pattern: '\\w.\\w' }, good: ['a\nb', 'a-b', ''], bad: ['é-b', 'a-b\n'], code: 'CheckFailed' },
  { kind: 'length', column: { type: 'text', length: { min: 2, max: 3 } }, good: ['ab', 'äöü', '\u{1F600}a', ''], bad: ['a', 'abcd', marker], code: 'CheckFailed' },
  { kind: 'sql', column: { type: 'integer' }, check: { sql: 'v <> 13 AND (v < 100 OR v > 200)' }, good: ['1', '201', ''], bad: ['13', '150'], code: 'CheckFailed' },
  { kind: 'references', column: { type: 'text' }, check: { references: { columns: ['v'], table: 'main/public.states', to: ['name'] } }, good: ['open', 'paid', ''], bad: ['Paid', marker], code: 'CheckFailed' },
]; // prettier-ignore

let made = 0;

/** A table of its own with rows of the good and the bad values, the bad ones among the good. */
async function prepared({ column, check, good, bad }: Kind, severity: Severity, more: object = {}) {
  const name = `rows_${++made}`;
  const own = { severity, ...more };
  const into = lab.contract({
    name,
    columns: { id: { type: 'integer' }, v: check ? column : { ...column, ...own } },
    create: 'if-missing',
    hold: false,
    ...(check && { checks: [{ name: 'mine', ...check, ...own } as TableCheck] }),
  });
  const values = [...bad, ...good];
  const quoted = values.map((v, i) => `${i},${v === '' ? '' : `"${v}"`}`);
  await lab.file(`${name}.csv`, `id,v\n${quoted.join('\n')}\n`);
  return { name, request: { pipeline: name, into, mode: 'append', from: raw(`${name}.csv`) } as const };
}

const idOf = ({ kind, check }: Kind): string => (check ? 'checks.mine' : `v.${kind}`);
const ids = async (table: string): Promise<number[]> =>
  (await lab.rows<{ id: number }>(`SELECT id FROM ${table} ORDER BY id`)).map((r) => r.id);
const from = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

describe.each(kinds)('$kind of $column.type', (kind) => {
  const of = kind.bad.length + kind.good.length;
  const broken = { id: idOf(kind), kind: kind.kind, broken: kind.bad.length, of };

  test('loads bad rows with a warning', async () => {
    const { name, request } = await prepared(kind, 'warn', { reason: 'asked of us' });
    const receipt = await lab.load(request, { workflowId: name });
    expect(receipt.warnings).toEqual([
      { code: kind.code, message: expect.stringContaining(`${kind.bad.length} of ${of} rows`) as string },
    ]);
    expect(receipt.warnings[0]!.message).toMatch(/\(asked of us\)$/);
    expect(receipt.tables[0]!.checks).toEqual([
      expect.objectContaining({ ...broken, severity: 'warn', verdict: 'warn' }),
    ]);
    expect(await ids(name)).toEqual(from(0, of));
    expect(textOf(await fetchHistory(lab.client, name))).not.toContain(marker);
  }, 60_000);

  test('sets bad rows aside and loads the others', async () => {
    const { name, request } = await prepared(kind, 'quarantine');
    const receipt = await lab.load(request, { workflowId: name });
    expect(countsOf(receipt.tables[0])).toEqual({ read: of, quarantined: kind.bad.length, inserted: kind.good.length });
    expect(receipt.tables[0]!.checks).toEqual([expect.objectContaining({ ...broken, verdict: 'quarantine' })]);
    expect(await ids(name)).toEqual(from(kind.bad.length, kind.good.length));
    const aside = await lab.rows(
      `SELECT (row->>'id')::int AS id, reasons, (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(row) k) AS keys
       FROM _loadline.quarantine WHERE load_id = $1 ORDER BY 1`,
      [receipt.loadId],
    );
    const reasons = [kind.check ? 'check mine' : `${kind.kind} of v`];
    expect(aside).toEqual(kind.bad.map((_, id) => ({ id, reasons, keys: ['id', 'v'] })));
    expect(textOf(await fetchHistory(lab.client, name))).not.toContain(marker);
  }, 60_000);

  test('fails and loads nothing', async () => {
    const { name, request } = await prepared(kind, 'fail');
    await lab.rows(`CREATE TABLE ${name} (id integer, v ${(await typeOf(kind)) ?? 'text'})`);
    const failure = await failureOf(lab.load(request, { workflowId: name }));
    expect(failure.type).toBe(kind.code);
    expect(failure.message).toContain(`${kind.bad.length} of ${of} rows`);
    expect(failure.message).toContain(kind.check ? 'checks.mine' : '.v');
    expect(await ids(name)).toEqual([]);
    expect(failure.message + textOf(await fetchHistory(lab.client, name))).not.toContain(marker);
  }, 60_000);

  test('passes what is good', async () => {
    const { name, request } = await prepared({ ...kind, bad: [] }, 'fail');
    const receipt = await lab.load(request);
    expect(receipt.tables[0]!.checks).toEqual([
      expect.objectContaining({ id: idOf(kind), broken: 0, verdict: 'pass' }),
    ]);
    expect(await ids(name)).toEqual(from(0, kind.good.length));
  }, 60_000);
});

test('of many rows with few different values, each row that breaks a pattern counts and is set aside', async () => {
  const into = lab.contract({
    name: 'many',
    columns: {
      id: { type: 'integer' },
      n: { type: 'text', pattern: '[a-z]+', severity: 'quarantine' },
      other: { type: 'text', pattern: '\\d+', severity: 'warn' },
    },
    create: 'if-missing',
  });
  const n = 60_000;
  const value = (i: number): string => (i % 1000 === 1 ? 'A' : i % 1000 === 2 ? 'a\u00e4' : i % 1000 === 3 ? '' : `v`);
  const lines = from(0, n).map((i) => `${i},${value(i)},${i === 7 ? 'x' : i}`);
  await lab.file('many.csv', `id,n,other\n${lines.join('\n')}\n`);
  const { tables } = await lab.load({ pipeline: 'many', into, mode: 'append', from: raw('many.csv') });
  expect(tables[0]!.checks).toEqual([
    expect.objectContaining({ id: 'n.pattern', broken: 120, of: n, verdict: 'quarantine' }),
    expect.objectContaining({ id: 'other.pattern', broken: 1, of: n, verdict: 'warn' }),
  ]);
  expect(countsOf(tables[0]!)).toMatchObject({ inserted: n - 120, quarantined: 120 });
  expect(await ids('many')).toEqual(from(0, n).filter((i) => i % 1000 !== 1 && i % 1000 !== 2));
}, 60_000);

const typeOf = async ({ column }: Kind): Promise<string | undefined> =>
  ({ 'decimal(12,2)': 'numeric(12,2)', double: 'double precision', timestamptz: 'timestamptz' })[column.type] ??
  column.type;

test('values of rows are in no log', () => {
  const texts = lab.logs.map(({ message, meta }) => [message, JSON.stringify(meta)].join(' '));
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.filter((text) => text.includes(marker))).toEqual([]);
});
