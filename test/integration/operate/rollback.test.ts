import { baseContract, day, failure, type Asked } from '../protocol/support/bench';
import { by, closeUndoBench, notReversible, openUndoBench, type UndoBench } from './support/undo';

let bench: UndoBench;
beforeEach(async () => {
  bench = await openUndoBench('rollback');
});
afterEach(() => closeUndoBench(bench));

describe('of append', () => {
  test('takes the rows of the load, and no others', async () => {
    await bench.load(bench.append(1, '1,x'));
    const second = await bench.load(bench.append(2, '2,y', '3,z'));
    await bench.load(bench.append(3, '4,w'));
    const receipt = await bench.main.rollback(second.loadId, by);
    expect(receipt).toMatchObject({
      outcome: 'rolled-back',
      loadId: second.loadId,
      loadKey: second.loadKey,
      tables: [{ mode: 'append', deleted: 2, restored: 0 }],
      ...by,
    });
    expect(await bench.table()).toBe('1:x 4:w');
    expect(await bench.main.summary(second.loadKey)).toMatchObject({ state: 'rolled-back', live: false });
    expect(await bench.main.show(second.loadKey)).toMatchObject({ rollbacks: [receipt], receipts: [second] });
  });

  test('is refused where rows of another table would go with them', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    await bench.rows('CREATE TABLE public.hung (id bigint REFERENCES public.t ON DELETE CASCADE)');
    await bench.rows('INSERT INTO public.hung VALUES (1)');
    await expect(bench.main.rollback(first.loadId, by)).rejects.toEqual(notReversible('rows of hung'));
    await expect(bench.rows('SELECT id FROM public.hung')).resolves.toHaveLength(1);
  });

  test('keeps the key closed until a load asks for it, which makes a new generation', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    await bench.main.rollback(first.loadKey, by);
    await expect(bench.claim(bench.main, bench.append(1, '1,x'))).rejects.toEqual(failure('RolledBack'));
    const again = await bench.load({ ...bench.append(1, '1,x'), onChanged: 'reprocess' });
    expect(again).toMatchObject({ outcome: 'loaded', generation: 2 });
    expect(await bench.table()).toBe('1:x');
    expect(await bench.main.applied(first.loadKey)).toEqual(again);
  });

  test('leaves the key closed when the load that asked for it fails', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    await bench.main.rollback(first.loadKey, by);
    const open = await bench.open(bench.main, { ...bench.append(1, '1,x'), onChanged: 'reprocess' }, { runId: 'r2' });
    await bench.main.discard(open);
    expect(await bench.main.summary(open.loadKey)).toMatchObject({ state: 'rolled-back' });
    await expect(bench.claim(bench.main, bench.append(1, '1,x'))).rejects.toEqual(failure('RolledBack'));
    // Nor does a run that vanished open it.
    await bench.open(
      bench.warehouse({ claimLeaseMs: 0 }),
      { ...bench.append(1, '1,x'), onChanged: 'reprocess' },
      { runId: 'r3' },
    );
    await expect(bench.claim(bench.main, bench.append(1, '1,x'), { workflowId: 'w2' })).rejects.toEqual(
      failure('RolledBack'),
    );
  });

  test('of a second generation brings the first one back', async () => {
    await bench.load(bench.append(1, '1,x', '2,y'));
    const second = await bench.load({ ...bench.append(1, '2,y2', '3,z'), onChanged: 'reprocess' });
    expect(await bench.table()).toBe('2:y2 3:z');
    expect(await bench.main.rollback(second.loadId, by)).toMatchObject({ tables: [{ deleted: 2, restored: 2 }] });
    expect(await bench.table()).toBe('1:x 2:y');
    // Whose rows they are is known again: the next generation takes their place.
    await bench.load({ ...bench.append(1, '9,q'), onChanged: 'reprocess' });
    expect(await bench.table()).toBe('9:q');
  });

  test('lets the same files be loaded again, deliberately', async () => {
    const files = bench.file('same', '1,x');
    const first = await bench.load({ mode: 'append', files });
    await bench.load({ mode: 'append', files: bench.file('more', '2,y') });
    expect(await bench.main.rollback(first.loadId, by)).toMatchObject({ files: 1 });
    expect(await bench.table()).toBe('2:y');
    await expect(bench.claim(bench.main, { mode: 'append', files })).rejects.toEqual(failure('RolledBack'));
    expect((await bench.load({ mode: 'append', files, onChanged: 'reprocess' })).outcome).toBe('loaded');
    expect(await bench.table()).toBe('1:x 2:y');
  });

  test('takes the rows that were set aside with it', async () => {
    bench.change({ columns: { ...baseContract.columns, v: { type: 'text', notNull: true, severity: 'quarantine' } } });
    const first = await bench.load(bench.append(1, '1,x', '2,'));
    expect(await bench.rows('SELECT row FROM _loadline.quarantine')).toHaveLength(1);
    await bench.main.rollback(first.loadKey, by);
    expect(await bench.rows('SELECT row FROM _loadline.quarantine')).toEqual([]);
  });

  test('is refused where nobody knows whose rows are whose', async () => {
    await bench.rows('CREATE TABLE public.t (id bigint PRIMARY KEY, v text, at timestamptz)');
    const first = await bench.load(bench.append(1, '1,x'));
    expect(first.reversible).toBe(false);
    await expect(bench.main.rollback(first.loadKey, by)).rejects.toEqual(notReversible('_loadline_load_id'));
    expect(await bench.table()).toBe('1:x');
  });

  test('is refused once a merge has found its rows', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    const second = await bench.load({ mode: 'merge', files: bench.file('m', '1,x2'), interval: day(2) });
    await expect(bench.main.rollback(first.loadKey, by)).rejects.toEqual(notReversible(second.loadId));
    expect(await bench.table()).toBe('1:x2');
  });

  test('is refused where rows of it are gone', async () => {
    const first = await bench.load(bench.append(1, '1,x', '2,y'));
    await bench.rows('DELETE FROM public.t WHERE id = 1');
    await expect(bench.main.rollback(first.loadKey, by)).rejects.toEqual(notReversible('holds 1 of its 2 rows'));
    expect(await bench.table()).toBe('2:y');
    expect(await bench.main.summary(first.loadKey)).toMatchObject({ state: 'applied' });
  });
});

describe('of replace', () => {
  test('brings back what the table held, whatever its columns', async () => {
    await bench.rows(`CREATE TYPE public.pair AS (a text, b integer);
      CREATE TABLE public.t (id bigint, v text, at timestamptz, gone json, "Quo""te" numeric, twice bigint GENERATED ALWAYS AS (id * 2) STORED,
        n integer GENERATED ALWAYS AS IDENTITY, dropped text, d double precision, raw bytea, list text[], pair public.pair, doc jsonb, until timestamptz);
      ALTER TABLE public.t DROP COLUMN dropped;
      INSERT INTO public.t (id, v, at, gone, "Quo""te", d, raw, list, pair, doc, until) VALUES
        (1, E'a,"b"\\\\\\n(c)', '2026-01-01T00:00:00.123456Z', '{"k" :  1}', 1.10, 0.1, '\\x00ff', ARRAY['', NULL, 'a,b'], ROW('x,"', NULL), 'null', 'infinity'),
        (2, '', NULL, NULL, 'NaN', '-Infinity', '', '{}', NULL, NULL, NULL), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ROW(NULL, NULL), '1.0', NULL)`);
    const all = (): Promise<unknown[]> =>
      bench.rows('SELECT t::text AS row, doc IS NULL AS no_doc, pair IS NULL AS no_pair FROM public.t ORDER BY id');
    const before = await all();
    const first = await bench.load(bench.replace(1, '7,new'));
    expect(await bench.table()).toBe('7:new');
    expect(await bench.main.rollback(first.loadKey, by)).toMatchObject({ tables: [{ deleted: 1, restored: 3 }] });
    expect(await all()).toEqual(before);
  });

  test('goes back one load, and the one before it when its rows are still kept', async () => {
    await bench.load(bench.replace(1, '1,one'));
    const second = await bench.load(bench.replace(2, '2,two'));
    const third = await bench.load(bench.replace(3, '3,three'));
    await expect(bench.main.rollback(second.loadKey, by)).rejects.toEqual(notReversible(third.loadId));
    expect(await bench.table()).toBe('3:three');
    await bench.main.rollback(third.loadKey, by);
    expect(await bench.table()).toBe('2:two');
    // The third has made them useless while it was there.
    await expect(bench.main.rollback(second.loadKey, by)).rejects.toEqual(notReversible('not kept any more'));
    expect(await bench.table()).toBe('2:two');
  });

  test('keeps one copy at most of what was replaced', async () => {
    for (const n of [1, 2, 3, 4]) await bench.load(bench.replace(n, `${n},a`, `${n + 10},b`));
    expect(await bench.rows('SELECT count(*)::int AS n FROM _loadline.kept')).toEqual([{ n: 2 }]);
  });

  test('leaves an interval that came back the newest one of the table', async () => {
    await bench.load(bench.replace(1, '1,one'));
    await bench.load(bench.replace(2, '2,two'));
    const second = await bench.load({ ...bench.replace(2, '3,three'), onChanged: 'reprocess' });
    await bench.main.rollback(second.loadId, by);
    expect(await bench.table()).toBe('2:two');
    const late = await bench.ready(
      bench.main,
      { ...bench.replace(1, '9,late'), onChanged: 'reprocess' },
      { runId: 'late', scheduledAtMs: 1e9 },
    );
    await expect(late.publish()).rejects.toEqual(failure('OutOfOrder'));
  });

  test('is refused where the contract keeps nothing, and the receipt says so', async () => {
    bench.change({ keepReplaced: false });
    const first = await bench.load(bench.replace(1, '1,one'));
    expect(first.reversible).toBe(true);
    const second = await bench.load(bench.replace(2, '2,two'));
    expect(second.reversible).toBe(false);
    expect(await bench.rows('SELECT 1 FROM _loadline.kept')).toEqual([]);
    await expect(bench.main.rollback(second.loadKey, by)).rejects.toEqual(notReversible('were not kept'));
    expect(await bench.table()).toBe('2:two');
  });

  test('is refused where the table was altered, or somebody else has written to it', async () => {
    await bench.load(bench.replace(1, '1,one'));
    const second = await bench.load(bench.replace(2, '2,two'));
    await bench.rows(`INSERT INTO public.t VALUES (5, 'by hand')`);
    await expect(bench.main.rollback(second.loadKey, by)).rejects.toEqual(notReversible('somebody else has written'));
    await bench.rows('DELETE FROM public.t WHERE id = 5; ALTER TABLE public.t ADD COLUMN more text');
    await expect(bench.main.rollback(second.loadKey, by)).rejects.toEqual(notReversible('was altered since'));
    expect(await bench.table()).toBe('2:two');
  });
});

describe('of replace-partition', () => {
  beforeEach(() => bench.change({ partition: { column: 'at', by: 'day' } }));
  const partition = (n: number, ...ids: string[]): Asked => ({
    mode: 'replace-partition',
    files: bench.file(`p${n}`, ...ids.map((id) => `${id},p${n},${day(n).start}`)),
    interval: day(n),
  });

  test('brings back its partitions, whatever was loaded into others since', async () => {
    await bench.load(partition(1, '1'));
    await bench.load(partition(2, '2'));
    const again = await bench.load({ ...partition(1, '11', '12'), onChanged: 'reprocess' });
    await bench.load({ ...partition(2, '21'), onChanged: 'reprocess' });
    expect(await bench.table()).toBe('11:p1 12:p1 21:p2');
    expect(await bench.main.rollback(again.loadId, by)).toMatchObject({ tables: [{ deleted: 2, restored: 1 }] });
    expect(await bench.table()).toBe('1:p1 21:p2');
  });

  test('is refused when another load has replaced one of them', async () => {
    const first = await bench.load(partition(1, '1'));
    const wide = await bench.load({
      ...partition(1, '5'),
      interval: { start: day(1).start, end: day(2).end },
      pipeline: 'wide',
      allowEmpty: true,
    } as Asked);
    await expect(bench.main.rollback(first.loadKey, by)).rejects.toEqual(notReversible(wide.loadId));
    expect(await bench.table()).toBe('5:p1');
  });
});

test.each(['merge', 'insert-only'] as const)('of %s is refused', async (mode) => {
  const first = await bench.load({ mode, files: bench.file('a', '1,x'), interval: day(1) });
  await expect(bench.main.rollback(first.loadKey, by)).rejects.toEqual(notReversible(mode));
  expect(await bench.table()).toBe('1:x');
});

test('of what nobody knows, or what is not applied, says so', async () => {
  await expect(bench.main.rollback('v1/nothing', by)).rejects.toEqual(failure('LoadNotFound'));
  const open = await bench.open(bench.warehouse({ claimLeaseMs: 0 }), bench.append(1, '1,x'));
  await expect(bench.main.rollback(open.loadKey, by)).rejects.toEqual(failure('LoadNotApplied'));
});
