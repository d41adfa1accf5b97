import type { LoadReceipt, LoadRequest } from '../../../workflows/contract';
import { codeOf, failureOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { countsOf, expectBalanced } from '../support/receipts';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('sets');
});
afterAll(() => lab.stop());

const count = async (table: string): Promise<number> =>
  (await lab.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]!.n;
const loadSet = async (...requests: LoadRequest[]): Promise<LoadReceipt> =>
  expectBalanced(await lab.run<LoadReceipt>('loadTables', [requests]));

describe('a set of tables', () => {
  const columns = { id: { type: 'integer' }, name: { type: 'text', notNull: true } } as const;
  const set = (name: string, more: object = {}): [LoadRequest, LoadRequest] => {
    const of = (part: 'heads' | 'lines', mode: 'merge' | 'append') =>
      ({ pipeline: name, into: `${name}_${part}`, mode, from: raw(`${name}/${part}*.csv`), ...more }) as LoadRequest;
    return [of('lines', 'append'), of('heads', 'merge')];
  };
  const contracts = (name: string): void => {
    lab.contract({ name: `${name}_heads`, columns, key: ['id'], create: 'if-missing', hold: false });
    lab.contract({ name: `${name}_lines`, columns, create: 'if-missing' });
  };

  test('is loaded in one transaction under one key, in whatever order it is listed', async () => {
    contracts('one');
    await lab.file('one/heads.csv', 'id,name\n1,a\n1,a\n');
    await lab.file('one/lines.csv', 'id,name\n1,x\n2,y\n');
    const requests = set('one', { interval: dayOf('2026-01-01') });
    const receipt = await loadSet(...requests);
    expect(receipt.tables.map(countsOf)).toEqual([
      { read: 2, inserted: 2 },
      { read: 2, duplicates: 1, inserted: 1 },
    ]);
    const [row] = await lab.rows<{ same: boolean }>(
      'SELECT (SELECT min(xmin::text) FROM one_heads) = (SELECT min(xmin::text) FROM one_lines) AS same',
    );
    expect(row!.same).toBe(true);
    expect(await loadSet(...[...requests].reverse())).toMatchObject({
      outcome: 'already-loaded',
      loadKey: receipt.loadKey,
    });
    expect(await count('one_lines')).toBe(2);
  });

  test('is loaded whole or not at all', async () => {
    contracts('all');
    await lab.file('all/lines.csv', 'id,name\n1,x\n');
    await lab.file('all/heads.csv', 'id,name\n1,\n');
    expect(await codeOf(loadSet(...set('all')))).toBe('NullValue');
    expect([await count('all_lines'), await count('_loadline.ledger')]).toEqual([0, 1]);

    // The second table refuses a row inside the transaction, when the first is written already.
    await lab.rows('ALTER TABLE all_heads ADD CONSTRAINT small CHECK (id < 100)');
    await lab.file('all/heads.csv', 'id,name\n100,a\n');
    expect(await codeOf(loadSet(...set('all')))).toBe('ConstraintViolated');
    expect([await count('all_lines'), await count('all_heads'), await count('_loadline.ledger')]).toEqual([0, 0, 1]);
    expect(await lab.leftStages()).toEqual([]);

    await lab.file('all/heads.csv', 'id,name\n99,a\n');
    expect((await loadSet(...set('all'))).outcome).toBe('loaded');
  });

  test('takes the files of each table once, also when only one of them has new ones', async () => {
    contracts('grown');
    await lab.file('grown/lines-1.csv', 'id,name\n1,x\n');
    await lab.file('grown/heads-1.csv', 'id,name\n1,a\n');
    await loadSet(...set('grown'));
    await lab.file('grown/lines-2.csv', 'id,name\n2,y\n');
    const receipt = await loadSet(...set('grown'));
    expect(receipt.tables.map(countsOf)).toEqual([{ read: 1, inserted: 1 }, {}]);
    expect(receipt.batch).toMatchObject({ files: 1, filesSkipped: 2 });
    expect((await loadSet(...set('grown'))).outcome).toBe('already-loaded');
    expect([await count('grown_lines'), await count('grown_heads')]).toEqual([2, 1]);
  });

  test('refuses requests that do not belong together', async () => {
    contracts('odd');
    const [first, second] = set('odd', { interval: dayOf('2026-01-01') });
    for (const other of [
      { ...second, pipeline: 'another' },
      { ...second, interval: dayOf('2026-01-02') },
      { ...second, part: 'x' },
      { ...second, onChanged: 'reprocess' },
      { ...first },
    ] as LoadRequest[]) {
      expect(await failureOf(loadSet(first, other))).toMatchObject({
        type: 'InvalidRequest',
        message: expect.stringContaining('loadSet') as string,
      });
    }
    expect(await failureOf(lab.run('loadTables', [[]]))).toMatchObject({ type: 'InvalidRequest' });
  });
});

describe("rows of the pipeline's own activity", () => {
  const request = (name: string, more: object = {}) => ({ pipeline: name, into: name, mode: 'append', ...more });

  test('arrive as they were given', async () => {
    const columns = {
      id: { type: 'bigint' },
      text: { type: 'text' },
      at: { type: 'timestamptz' },
      exact: { type: 'decimal(38,18)' },
      yes: { type: 'boolean' },
      tree: { type: 'json' },
    } as const;
    lab.contract({ name: 'written', columns, create: 'if-missing' });
    const rows = [
      {
        id: '9223372036854775807',
        text: '',
        at: '2026-01-01T00:00:00.123456+05:30',
        exact: '0.000000000000000001',
        yes: true,
        tree: { a: ['"', "'", '\\'] },
      },
      { id: -1, text: null, at: null, exact: null, yes: null, tree: null },
      { id: 0, text: 'a "quoted", line\nbreak \u{1F600}' },
    ];
    const receipt = await lab.run<LoadReceipt>('loadWritten', [request('written'), rows]);
    expect(countsOf(expectBalanced(receipt).tables[0])).toEqual({ read: 3, inserted: 3 });
    expect(
      await lab.rows(
        `SELECT id::text, text, to_char(at, 'YYYY-MM-DD HH24:MI:SS.US') AS at, exact::text, yes, tree FROM written ORDER BY written.id`,
      ),
    ).toEqual([
      { id: '-1', text: null, at: null, exact: null, yes: null, tree: null },
      { id: '0', text: 'a "quoted", line\nbreak \u{1F600}', at: null, exact: null, yes: null, tree: null },
      {
        id: '9223372036854775807',
        text: '',
        at: '2025-12-31 18:30:00.123456',
        exact: '0.000000000000000001',
        yes: true,
        tree: { a: ['"', "'", '\\'] },
      },
    ]);
  });

  test('are loaded once: the same rows again are known, other rows are another batch', async () => {
    lab.contract({ name: 'fetched', columns: { id: { type: 'integer' } }, create: 'if-missing' });
    const run = (rows: object[], more: object = {}) =>
      lab.run<LoadReceipt>('loadWritten', [request('fetched', more), rows]);
    const first = await run([{ id: 1 }]);
    expect(await run([{ id: 1 }])).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId });
    expect(await run([{ id: 2 }])).toMatchObject({ outcome: 'loaded', generation: 2 });
    const interval = dayOf('2026-01-01');
    const dated = await run([{ id: 3 }], { interval });
    expect(await run([{ id: 3 }], { interval })).toMatchObject({ outcome: 'already-loaded', loadId: dated.loadId });
    expect(await codeOf(run([{ id: 4 }], { interval }))).toBe('BatchChanged');
    expect(await count('fetched')).toBe(3);
  });

  test('may be none, and a column that the contract does not name is refused', async () => {
    lab.contract({ name: 'nothing', columns: { id: { type: 'integer' } }, create: 'if-missing' });
    expect((await lab.run<LoadReceipt>('loadWritten', [request('nothing'), []])).outcome).toBe('nothing-to-load');
    expect(await codeOf(lab.run('loadWritten', [request('nothing'), [{ id: 1, more: 2 }]]))).toBe('UnknownColumn');
  });
});
