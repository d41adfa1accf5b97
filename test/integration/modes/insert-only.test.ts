import { codeOf, failureOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('insert_only');
});
afterAll(() => lab.stop());

const columns = { id: { type: 'bigint' }, what: { type: 'text' }, at: { type: 'timestamptz' } } as const;
const held = async (table: string): Promise<string> =>
  (await lab.rows<{ r: string }>(`SELECT string_agg(id || ':' || what, ' ' ORDER BY id) AS r FROM ${table}`))[0]!.r;
const request = (into: string, more: object = {}) =>
  ({ pipeline: into, into, mode: 'insert-only', from: raw(`${into}/*.csv`), ...more }) as const;
const day = (date: string, more: object = {}) => ({ interval: dayOf(date), from: raw(`**/${date}.csv`), ...more });

test('adds new keys, leaves known ones as they are, and does not write them again', async () => {
  const into = lab.contract({ name: 'first', columns, key: ['id'], create: 'if-missing' });
  await lab.file('first/1.csv', 'id,what,at\n1,one,2026-01-01Z\n2,two,2026-01-01Z\n2,two,2026-01-01Z\n');
  expect(countsOf((await lab.load(request(into))).tables[0])).toEqual({ read: 3, duplicates: 1, inserted: 2 });
  const before = await lab.rows('SELECT ctid, xmin FROM first ORDER BY id');
  await lab.file('first/2.csv', 'id,what,at\n1,changed,2026-05-01Z\n2,two,2026-01-01Z\n3,three,2026-01-01Z\n');
  expect(countsOf((await lab.load(request(into))).tables[0])).toEqual({ read: 3, unchanged: 2, inserted: 1 });
  expect(await held('first')).toBe('1:one 2:two 3:three');
  expect((await lab.rows('SELECT ctid, xmin FROM first ORDER BY id')).slice(0, 2)).toEqual(before);
});

test('refuses rows of the batch that contradict each other, unless a column tells which is newer', async () => {
  const rows = 'id,what,at\n1,old,2026-01-01Z\n1,new,2026-01-02Z\n';
  const loose = lab.contract({ name: 'loose', columns, key: ['id'], create: 'if-missing' });
  await lab.file('loose/a.csv', rows);
  expect(await codeOf(lab.load(request(loose)))).toBe('ConflictingDuplicates');
  const decided = lab.contract({ name: 'decided', columns, key: ['id'], newest: 'at', create: 'if-missing' });
  await lab.file('decided/a.csv', rows);
  expect(countsOf((await lab.load(request(decided))).tables[0])).toEqual({ read: 2, duplicates: 1, inserted: 1 });
  // What the table holds stays, however much newer the batch is.
  await lab.file('decided/b.csv', 'id,what,at\n1,newest,2027-01-01Z\n');
  expect(countsOf((await lab.load(request(decided))).tables[0])).toEqual({ read: 1, unchanged: 1 });
  expect(await held('decided')).toBe('1:new');
});

test('refuses or sets aside rows without a key', async () => {
  const rows = 'id,what,at\n1,one,\n,none,\n,none,\n';
  const strict = lab.contract({ name: 'strict', columns, key: ['id'], create: 'if-missing' });
  await lab.file('strict/a.csv', rows);
  expect(await codeOf(lab.load(request(strict)))).toBe('NullKey');
  const id = { type: 'bigint', severity: 'quarantine' } as const;
  const lenient = lab.contract({ name: 'lenient', columns: { ...columns, id }, key: ['id'], create: 'if-missing' });
  await lab.file('lenient/a.csv', rows);
  expect(countsOf((await lab.load(request(lenient))).tables[0])).toEqual({ read: 3, quarantined: 2, inserted: 1 });
});

test('works on a key of several columns without an index, and on a table that holds a key twice', async () => {
  await lab.rows(`CREATE TABLE plain (id bigint, what text, at timestamptz)`);
  await lab.rows(
    `INSERT INTO plain VALUES (1, 'a', '2026-01-01Z'), (1, 'a', '2026-01-01Z'), (NULL, 'b', '2026-01-01Z')`,
  );
  const into = lab.contract({ name: 'plain', columns, key: ['id', 'what'] });
  await lab.file('plain/a.csv', 'id,what,at\n1,a,2026-02-02Z\n1,b,2026-02-02Z\n');
  expect(countsOf((await lab.load(request(into))).tables[0])).toEqual({ read: 2, unchanged: 1, inserted: 1 });
});

test('does not take other content for a key that is applied: what it left alone is not known', async () => {
  const into = lab.contract({ name: 'closed', columns, key: ['id'], create: 'if-missing' });
  await lab.file('closed/2026-01-01.csv', 'id,what,at\n1,one,\n');
  const asked = request(into, day('2026-01-01'));
  expect(await lab.load(asked)).toMatchObject({ outcome: 'loaded', reversible: false });
  await lab.file('closed/2026-01-01.csv', 'id,what,at\n2,two,\n');
  expect(await codeOf(lab.load(asked))).toBe('BatchChanged');
  expect(await failureOf(lab.load({ ...asked, onChanged: 'reprocess' }))).toMatchObject({
    type: 'NotReversible',
    message: expect.stringContaining('insert-only') as string,
  });
  expect(await held('closed')).toBe('1:one');
});

test('loads of one table beside each other insert each key once', async () => {
  const into = lab.contract({ name: 'beside', columns, key: ['id'], create: 'if-missing' });
  const ids = Array.from({ length: 50 }, (_, n) => n);
  const parts = ['a', 'b', 'c', 'd'];
  for (const part of parts)
    await lab.file(`beside-${part}/x.csv`, ['id,what,at', ...ids.map((n) => `${n},${part},`), ''].join('\n'));
  const receipts = await Promise.all(
    parts.map((part) =>
      lab.load(request(into, { part, pipeline: `beside-${part}`, from: raw(`beside-${part}/*.csv`) })),
    ),
  );
  const sum = (field: 'inserted' | 'unchanged'): number => receipts.reduce((n, r) => n + r.tables[0]![field], 0);
  expect([sum('inserted'), sum('unchanged')]).toEqual([50, 150]);
  expect(await lab.rows('SELECT count(*)::int AS n, count(DISTINCT what)::int AS winners FROM beside')).toEqual([
    { n: 50, winners: 1 },
  ]);
});
