import type { LoadReceipt } from '../../../workflows/contract';
import { faulty, held } from '../holds/support/held';
import { openLab, type Lab } from '../support/lab';
import { dayOf, raw } from '../support/source';
import { corrected, deskOf, type Desk } from '../quarantine/support';
import { contractOf, openPlace, type Place } from './support';

const plain = { id: { type: 'integer' }, name: { type: 'text' } } as const;
const made = { create: 'if-missing' } as const;
const amounts = { id: { type: 'bigint' }, amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: 'quarantine' } } as const; // prettier-ignore
const heldColumns = { id: { type: 'integer' }, amount: { type: 'decimal(12,2)', range: { min: 0 } } } as const;
const contracts: Record<string, object> = {
  appended: { ...made, columns: plain },
  merged: { ...made, columns: plain, key: ['id'] },
  inserted: { ...made, columns: plain, key: ['id'] },
  replaced: { ...made, columns: plain },
  parts: { ...made, columns: { ...plain, day: { type: 'date' } }, partition: { column: 'day', by: 'day' } },
  referring: { ...made, columns: plain, key: ['id'], checks: [{ name: 'known', references: { columns: ['id'], table: 'main/public.merged' } }] },
  aside: { ...made, columns: amounts },
  held: { ...made, columns: heldColumns, key: ['id'] },
  refused: { ...made, columns: heldColumns, key: ['id'] },
  theirs: { columns: plain, key: ['id'] },
}; // prettier-ignore

let place: Place;
let lab: Lab;
let desk: Desk;
beforeAll(async () => {
  place = await openPlace('loader', Object.entries(contracts).map(([name, more]) => contractOf(name, more))); // prettier-ignore
  await place.rows('CREATE TABLE public.theirs (serial bigserial, id integer PRIMARY KEY, name text)');
  await place.rows('CREATE SCHEMA other; CREATE TABLE other.secrets (id integer)');
  expect((await place.apply()).notes).toEqual([]);
  // All of it as the loader: the worker, the hand on the ledger, and what the tests read.
  lab = await openLab('loader', { url: await place.urlOf('loader') });
  for (const [name, more] of Object.entries(contracts)) lab.contract({ name, ...more } as never);
  desk = deskOf(lab);
});
afterAll(async () => {
  await lab.stop();
  await place.close();
});

const load = async (into: string, mode: string, day: string, rows: string[], more: object = {}): Promise<LoadReceipt> => {
  await lab.file(`${into}/${day}.csv`, ['id,name', ...rows, ''].join('\n'));
  return lab.load({ pipeline: into, into, mode, from: raw(`${into}/${day}.csv`), interval: dayOf(day), ...more } as never);
}; // prettier-ignore
const names = async (table: string): Promise<string> =>
  (await lab.rows<{ t: string }>(`SELECT string_agg(id || ':' || name, ' ' ORDER BY id) AS t FROM ${table}`))[0]!.t;
const undo = { by: 'ann', reason: 'the delivery was wrong' };

describe('a worker as the loader', () => {
  test('finds everything that it needs, and makes nothing', async () => {
    await lab.warehouse.prepare();
    expect(await lab.warehouse.health()).toEqual(
      expect.arrayContaining([expect.objectContaining({ check: 'ledger', ok: true })]),
    );
  });

  test('appends, reprocesses and rolls back', async () => {
    await load('appended', 'append', '2026-03-01', ['1,a', '2,b']);
    await load('appended', 'append', '2026-03-01', ['1,a', '3,c'], { onChanged: 'reprocess' });
    expect(await names('appended')).toBe('1:a 3:c');
    const second = await load('appended', 'append', '2026-03-02', ['4,d']);
    expect(await lab.warehouse.rollback(second.loadId, undo)).toMatchObject({ outcome: 'rolled-back' });
    expect(await names('appended')).toBe('1:a 3:c');
  });

  test('appends files that it knows by their content, once', async () => {
    await lab.file('files/a.csv', 'id,name\n7,g\n');
    const request = { pipeline: 'files', into: 'appended', mode: 'append', from: raw('files/*.csv') } as const;
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded' });
    expect(await lab.load(request)).toMatchObject({ outcome: 'already-loaded' });
  });

  test.each(['merge', 'insert-only'])('loads by %s', async (mode) => {
    const into = mode === 'merge' ? 'merged' : 'inserted';
    await load(into, mode, '2026-03-01', ['1,a', '2,b']);
    await load(into, mode, '2026-03-02', ['2,B', '3,c']);
    expect(await names(into)).toBe(mode === 'merge' ? '1:a 2:B 3:c' : '1:a 2:b 3:c');
  });

  test('merges into a table that was there, whose default draws from a sequence', async () => {
    await load('theirs', 'merge', '2026-03-01', ['1,a', '2,b']);
    expect(await lab.rows('SELECT serial FROM theirs ORDER BY 1')).toEqual([{ serial: '1' }, { serial: '2' }]);
  });

  test('replaces a table and takes that back', async () => {
    await load('replaced', 'replace', '2026-03-01', ['1,a']);
    const second = await load('replaced', 'replace', '2026-03-02', ['2,b']);
    expect(await names('replaced')).toBe('2:b');
    await lab.warehouse.rollback(second.loadId, undo);
    expect(await names('replaced')).toBe('1:a');
  });

  test('replaces a partition', async () => {
    const day = async (rows: string[], more = {}): Promise<LoadReceipt> => {
      await lab.file('parts/a.csv', ['id,name,day', ...rows, ''].join('\n'));
      return lab.load({ pipeline: 'parts', into: 'parts', mode: 'replace-partition', from: raw('parts/a.csv'), interval: dayOf('2026-03-01'), ...more } as never);
    };
    await day(['1,a,2026-03-01']);
    await day(['2,b,2026-03-01'], { onChanged: 'reprocess' });
    expect(await names('parts')).toBe('2:b');
  }); // prettier-ignore

  test('checks what another table holds', async () => {
    expect(await load('referring', 'merge', '2026-03-01', ['1,x'])).toMatchObject({ outcome: 'loaded' });
  });

  test('sets rows aside, and loads them once they are repaired', async () => {
    const first = await desk.loadDay('aside', 'append', 1, ['1,1', '2,-2', '3,-3']);
    expect(first.tables[0]).toMatchObject({ inserted: 1, quarantined: 2 });
    const repair = await desk.repair(first.loadId, () => ({ amount: 5 }));
    expect(await desk.retry(first.loadId, { repair })).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2 }] });
    lab.contract({ name: 'aside', columns: corrected });
    const later = await desk.loadDay('aside', 'append', 2, ['4,-200', '5,5']);
    await lab.warehouse.rollback(later.loadId, undo);
    expect(await desk.table('aside')).toBe('1:1.00 2:5.00 3:5.00');
  });

  test('holds a load until there is a verdict', async () => {
    const kept = await held(lab, await faulty(lab, 'held'));
    await kept.decide({ verdict: 'quarantine' });
    expect(await kept.result()).toMatchObject({ outcome: 'loaded' });
    const refused = await held(lab, await faulty(lab, 'refused'));
    await refused.decide({ verdict: 'reject' });
    expect(await refused.result()).toMatchObject({ outcome: 'rejected' });
  });

  test('sweeps the stages that are left', async () => {
    await lab.rows('CREATE TABLE _loadline_stage.s_left (id integer)');
    await lab.rows(
      `INSERT INTO _loadline.stages (stage, load_key, fence, workflow_id, run_id) VALUES ('"_loadline_stage"."s_left"', 'gone', 1, 'w', 'r')`,
    );
    expect(await lab.leftStages()).toEqual([]);
  });

  test('archives nothing: that is for another role', async () => {
    await expect(lab.warehouse.archive({ olderThanMs: 0 })).rejects.toMatchObject({ type: 'PermissionDenied' });
  });
});

describe('the loader may not', () => {
  const denied = [
    ...['UPDATE _loadline.ledger SET receipt = receipt', 'DELETE FROM _loadline.ledger', 'TRUNCATE _loadline.ledger'],
    ...['ledger', 'rollbacks', 'rejections', 'rejected_files', 'effects', 'metrics', 'quarantine_decisions', 'quarantine_origins', 'ledger_archive', 'meta', 'claims', 'locks', 'holds'].map((table) => `DELETE FROM _loadline.${table}`),
    ...['rollbacks', 'rejections', 'effects', 'metrics', 'quarantine_decisions', 'ledger_archive', 'meta'].map((table) => `UPDATE _loadline.${table} SET ${table === 'meta' ? 'schema_version = 9' : 'load_id = load_id'}`).filter((sql) => !sql.includes('rejections')),
    'INSERT INTO _loadline.meta VALUES (99)',
    'INSERT INTO _loadline.ledger_archive SELECT * FROM _loadline.ledger',
    'CREATE TABLE _loadline.mine (id integer)',
    'DROP TABLE _loadline.ledger',
    'ALTER TABLE _loadline.ledger ADD COLUMN mine integer',
    'CREATE TRIGGER mine BEFORE INSERT ON _loadline.ledger FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'DROP SCHEMA _loadline CASCADE',
    'DROP SCHEMA _loadline_stage CASCADE',
    'DROP TABLE public.merged',
    'TRUNCATE public.merged',
    'ALTER TABLE public.merged ADD COLUMN mine integer',
    'CREATE INDEX ON public.merged (name)',
    'CREATE TABLE public.mine (id integer)',
    'CREATE SCHEMA mine',
    'SELECT * FROM other.secrets',
    'INSERT INTO other.secrets VALUES (1)',
    'CREATE ROLE mine',
  ]; // prettier-ignore
  test.each(denied)('%s', async (sql) => {
    expect(await place.tries('loader', sql)).toBe('42501');
  });

  test('act as another role', async () => {
    for (const role of [place.role.reader, place.role.sweeper, new URL(place.url).username])
      expect(await place.tries('loader', `SET ROLE ${role}`)).toBe('42501');
  });
});

describe('the sweeper', () => {
  test('archives receipts, and drops stages whose rows it cannot read', async () => {
    const sweeper = place.warehouse(await place.urlOf('sweeper'));
    const [before] = await place.rows<{ n: number }>('SELECT count(*)::int AS n FROM _loadline.history');
    const limits = { olderThanMs: 0, quarantineOlderThanMs: 0, keptOlderThanMs: 0, metricsOlderThanMs: 0 };
    expect((await sweeper.archive(limits)).archived).toBeGreaterThan(5);
    expect(await place.rows('SELECT count(*)::int AS n FROM _loadline.history')).toEqual([before]);
    await lab.rows('CREATE TABLE _loadline_stage.s_old (id integer)');
    await lab.rows(
      `INSERT INTO _loadline.stages (stage, load_key, fence, workflow_id, run_id) VALUES ('"_loadline_stage"."s_old"', 'gone', 1, 'w', 'r')`,
    );
    expect(await place.tries('sweeper', 'SELECT * FROM _loadline_stage.s_old')).toBe('42501');
    expect(await sweeper.sweep(async () => true)).toEqual(['"_loadline_stage"."s_old"']);
    // What is archived still counts.
    expect(await load('merged', 'merge', '2026-03-02', ['2,B', '3,c'])).toMatchObject({ outcome: 'already-loaded' });
  });

  test.each([
    'INSERT INTO _loadline.ledger SELECT * FROM _loadline.ledger_archive',
    "UPDATE _loadline.ledger SET receipt = '{}'",
    'DELETE FROM _loadline.ledger_archive',
    'DELETE FROM _loadline.rollbacks',
    'UPDATE _loadline.claims SET fence = 9',
    'SELECT * FROM public.merged',
    'DROP TABLE _loadline.ledger',
  ])('may not: %s', async (sql) => {
    expect(await place.tries('sweeper', sql)).toBe('42501');
  });
});

describe('the reader', () => {
  test('reads loads, receipts and metrics', async () => {
    const reader = place.warehouse(await place.urlOf('reader'));
    const loads = await reader.list({ limit: 100 });
    expect(loads.length).toBeGreaterThan(5);
    expect((await reader.show(loads[0]!.loadKey)).loadKey).toBe(loads[0]!.loadKey);
    await reader.metrics({ table: 'public.appended', limit: 10 });
    expect((await reader.health()).every(({ ok }) => ok)).toBe(true);
  });

  test.each([
    'SELECT row FROM _loadline.quarantine',
    'SELECT row FROM _loadline.kept',
    'SELECT row FROM _loadline.quarantine_repairs',
    'SELECT * FROM public.merged',
    'DELETE FROM _loadline.ledger',
    "INSERT INTO _loadline.locks VALUES ('mine')",
    'CREATE TABLE _loadline_stage.mine (id integer)',
  ])('may not: %s', async (sql) => {
    expect(await place.tries('reader', sql)).toBe('42501');
  });
});
