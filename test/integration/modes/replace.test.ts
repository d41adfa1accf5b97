import type { LoadRequest } from '../../../workflows/contract';
import { codeOf, failureOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('replace');
});
afterAll(() => lab.stop());

describe('replace', () => {
  const columns = { id: { type: 'integer' }, what: { type: 'text' } } as const;

  test('leaves exactly the batch, and the same content again is known', async () => {
    await lab.rows(`CREATE TABLE list AS SELECT generate_series(1, 5) AS id, 'old' AS what`);
    await lab.rows('CREATE VIEW list_view AS SELECT * FROM list');
    const into = lab.contract({ name: 'list', columns });
    const request = { pipeline: 'list', into, mode: 'replace', from: raw('list/*.csv') } as const;
    await lab.file('list/a.csv', 'id,what\n1,a\n2,b\n');
    const first = await lab.load(request);
    expect(countsOf(first.tables[0])).toEqual({ read: 2, inserted: 2, removed: 5 });
    expect(await lab.load(request)).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId });

    await lab.file('list/a.csv', 'id,what\n9,z\n');
    const second = await lab.load(request);
    expect(countsOf(second.tables[0])).toEqual({ read: 1, inserted: 1, removed: 2 });
    expect(second.generation).toBe(2);

    // The first content once more is no repetition: the table holds another.
    await lab.file('list/a.csv', 'id,what\n1,a\n2,b\n');
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', generation: 3 });
    expect(await lab.rows('SELECT * FROM list_view ORDER BY 1')).toEqual([
      { id: 1, what: 'a' },
      { id: 2, what: 'b' },
    ]);
  });

  test('does not empty a table unless that was asked for', async () => {
    await lab.rows(`CREATE TABLE kept AS SELECT 1 AS id, 'old' AS what`);
    const into = lab.contract({ name: 'kept', columns });
    await lab.file('kept/a.csv', 'id,what\n');
    const request = { pipeline: 'kept', into, mode: 'replace', from: raw('kept/*.csv') } as const;
    expect(await codeOf(lab.load(request))).toBe('EmptyReplace');
    expect(await lab.rows('SELECT id FROM kept')).toEqual([{ id: 1 }]);
    expect(await codeOf(lab.load({ ...request, from: raw('kept/nothing-*.csv') }))).toBe('NoFilesMatched');

    const emptied = await lab.load({ ...request, allowEmpty: true });
    expect(emptied.outcome).toBe('loaded');
    expect(countsOf(emptied.tables[0])).toEqual({ removed: 1 });
    expect(await lab.rows('SELECT id FROM kept')).toEqual([]);
  });

  test('of an older interval is refused', async () => {
    const into = lab.contract({ name: 'states', columns, create: 'if-missing' });
    const load = (date: string, more: object = {}) =>
      lab.load({
        pipeline: 'states',
        into,
        mode: 'replace',
        from: raw(`states/${date}.csv`),
        interval: dayOf(date),
        ...more,
      });
    await lab.file('states/2026-01-02.csv', 'id,what\n2,b\n');
    await lab.file('states/2026-01-01.csv', 'id,what\n1,a\n');
    await load('2026-01-02');
    expect(await codeOf(load('2026-01-01'))).toBe('OutOfOrder');
    await lab.file('states/2026-01-02.csv', 'id,what\n3,c\n');
    expect(await load('2026-01-02', { onChanged: 'reprocess' })).toMatchObject({
      generation: 2,
      tables: [{ removed: 1, inserted: 1 }],
    });
    await load('2026-01-01', { outOfOrder: 'allow' });
    expect(await lab.rows('SELECT id FROM states')).toEqual([{ id: 1 }]);
  });

  test('counts rows that were set aside, and does not count them as content', async () => {
    const checked = {
      id: { type: 'integer', range: { min: 0 }, severity: 'quarantine' },
      what: { type: 'text' },
    } as const;
    await lab.rows(`CREATE TABLE aside AS SELECT 1 AS id, 'old' AS what`);
    const into = lab.contract({ name: 'aside', columns: checked });
    await lab.file('aside/a.csv', 'id,what\n-1,a\n-2,b\n');
    const request = { pipeline: 'aside', into, mode: 'replace', from: raw('aside/*.csv') } as const;
    expect(await codeOf(lab.load(request))).toBe('EmptyReplace');
    await lab.file('aside/b.csv', 'id,what\n7,c\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 3, quarantined: 2, inserted: 1, removed: 1 });
  });
});

describe.each(['date', 'timestamp', 'timestamptz'])('replace-partition by a %s column', (type) => {
  const table = `by_${type}`;
  const at = (text: string): string => (type === 'date' ? text.slice(0, 10) : type === 'timestamp' ? text : `${text}Z`);
  const request = (more: object = {}): LoadRequest => ({
    pipeline: table,
    into: table,
    mode: 'replace-partition',
    from: raw(`${table}/*.csv`),
    interval: { start: '2026-01-02T00:00:00.000Z', end: '2026-01-04T00:00:00.000Z' },
    ...more,
  });
  const content = async (): Promise<string> =>
    (await lab.rows<{ c: string }>(`SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') c FROM ${table}`))[0]!.c;

  beforeAll(async () => {
    const columns = { id: { type: 'integer' }, at: { type } } as const;
    lab.contract({ name: table, columns, partition: { column: 'at', by: 'day' } });
    await lab.rows(`CREATE TABLE ${table} (id int, at ${type})`);
  });
  beforeEach(async () => {
    const rows = [
      '2026-01-01 23:59:59.999999',
      '2026-01-02 00:00',
      '2026-01-03 12:00',
      '2026-01-03 23:59:59.999999',
      '2026-01-04 00:00',
    ];
    await lab.rows(`TRUNCATE ${table}`);
    for (const [i, text] of rows.entries()) await lab.rows(`INSERT INTO ${table} VALUES (${i + 1}, '${at(text)}')`);
    await lab.rows(`INSERT INTO ${table} VALUES (6, NULL)`);
  });

  test('replaces the partitions of the interval and nothing beside them', async () => {
    await lab.file(`${table}/a.csv`, `id,at\n10,${at('2026-01-02 05:00')}\n11,${at('2026-01-03 23:59:59.999999')}\n`);
    const receipt = await lab.load(request({ part: 'all' }));
    expect(countsOf(receipt.tables[0])).toEqual({ read: 2, inserted: 2, removed: 3 });
    expect(await content()).toBe('1,5,6,10,11');
  });

  test('does not empty a partition unless that was asked for', async () => {
    await lab.file(`${table}/a.csv`, `id,at\n10,${at('2026-01-02 05:00')}\n`);
    expect(await failureOf(lab.load(request({ part: 'empty' })))).toMatchObject({
      type: 'EmptyPartition',
      message: expect.stringContaining('2026-01-03') as string,
    });
    expect(await content()).toBe('1,2,3,4,5,6');
    expect(countsOf((await lab.load(request({ part: 'empty', allowEmpty: true }))).tables[0])).toEqual({
      read: 1,
      inserted: 1,
      removed: 3,
    });
    expect(await content()).toBe('1,5,6,10');
  });

  test('refuses rows outside, and rows without a value there', async () => {
    for (const outside of [at('2026-01-04 00:00'), at('2026-01-01 23:59:59.999999'), '']) {
      await lab.file(
        `${table}/a.csv`,
        `id,at\n10,${at('2026-01-02 05:00')}\n11,${at('2026-01-03 05:00')}\n12,${outside}\n`,
      );
      expect(await codeOf(lab.load(request({ part: 'outside' })))).toBe('RowsOutsidePartition');
    }
    expect(await content()).toBe('1,2,3,4,5,6');
  });

  test('replaces listed partitions, however they are written and in whatever order', async () => {
    const listed = (partitions: readonly string[]) => request({ interval: undefined, partitions });
    await lab.file(`${table}/a.csv`, `id,at\n10,${at('2026-01-01 05:00')}\n11,${at('2026-01-03 05:00')}\n`);
    const receipt = await lab.load(listed(['2026-01-03', '2026-01-01']));
    expect(countsOf(receipt.tables[0])).toEqual({ read: 2, inserted: 2, removed: 3 });
    expect(await content()).toBe('2,5,6,10,11');
    const again = await lab.load(listed(['2026-01-01T00:00:00Z', '2026-01-03', '2026-01-03']));
    expect(again).toMatchObject({ outcome: 'already-loaded', loadKey: receipt.loadKey });
  });

  test('refuses an interval that cuts a partition, and a list of what are no partitions', async () => {
    const cut = { start: '2026-01-02T00:00:00.000Z', end: '2026-01-03T12:00:00.000Z' };
    expect(await codeOf(lab.load(request({ interval: cut })))).toBe('InvalidRequest');
    expect(await codeOf(lab.load(request({ interval: undefined, partitions: ['2026-01-02T01:00:00Z'] })))).toBe(
      'InvalidRequest',
    );
    expect(await codeOf(lab.load(request({ interval: undefined, partitions: ['tomorrow'] })))).toBe('InvalidRequest');
    expect(await codeOf(lab.load(request({ interval: undefined, partitions: [] })))).toBe('InvalidRequest');
    expect(await codeOf(lab.load(request({ partitions: ['2026-01-02'] })))).toBe('InvalidRequest');
  });
});

test('a load of weeks replaces whole weeks from Monday on', async () => {
  await lab.rows(
    `CREATE TABLE weeks AS SELECT d::date AS at FROM generate_series('2026-01-01'::date, '2026-01-31', '1 day') d`,
  );
  const into = lab.contract({
    name: 'weeks',
    columns: { at: { type: 'date' } },
    partition: { column: 'at', by: 'week' },
  });
  await lab.file('weeks/a.csv', 'at\n2026-01-07\n');
  const request = {
    pipeline: 'weeks',
    into,
    mode: 'replace-partition',
    from: raw('weeks/*.csv'),
    partitions: ['2026-01-05'],
  } as const;
  expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 1, inserted: 1, removed: 7 });
  expect(await codeOf(lab.load({ ...request, partitions: ['2026-01-06'] }))).toBe('InvalidRequest');
});
