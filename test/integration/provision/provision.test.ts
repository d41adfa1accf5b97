import { failure } from '../protocol/support/bench';
import { untilWaiting } from '../support/until-waiting';
import { changes, contractOf, openPlace, type Place } from './support';

const orders = contractOf('orders', { columns: { id: { type: 'bigint' } }, key: ['id'], create: 'if-missing' });

let place: Place;
beforeEach(async () => {
  place = await openPlace('provision', [orders]);
});
afterEach(() => place.close());

const found = async (): Promise<unknown> => {
  const { loader, reader, sweeper, owner } = place.role;
  return place.rows(
    `SELECT (SELECT count(*) FROM pg_roles WHERE rolname IN ('${loader}', '${reader}', '${sweeper}', '${owner}'))::int AS roles,
       (SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text IN ('_loadline', 'public') AND relkind IN ('r', 'v'))::int AS tables`,
  );
};
const grantsOf = (who: string): Promise<unknown> =>
  place.rows(
    `SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = '${who}' ORDER BY 1, 2`,
  );

describe('a database that Loadline has never seen', () => {
  test('is planned without a change, made in one go, and as it should be from then on', async () => {
    const before = await found();
    const planned = await place.plan();
    expect(planned).toMatchObject({ drift: true, notes: [] });
    expect(await found()).toEqual(before);
    const { applied, steps } = await place.apply();
    expect({ steps, applied: applied.map(({ sql }) => sql) }).toEqual({ steps: [], applied: planned.steps.map(({ sql }) => sql) });
    expect(await found()).toEqual([{ roles: 3, tables: 20 }]);
    expect(await place.plan()).toMatchObject({ drift: false, steps: [], notes: [] });
    expect((await place.apply()).applied).toEqual([]);
  });

  test('is made once by two at once', async () => {
    // Without tables, whose making waits for others by itself.
    const only = { tables: [] };
    await place.rows('BEGIN; CREATE SCHEMA _loadline');
    const all = Promise.all([place.apply(only), place.apply(only), place.apply(only)]);
    all.catch(() => undefined);
    await untilWaiting(place.rows, 3);
    await place.rows('ROLLBACK');
    const done = await all;
    expect(done.map(({ applied }) => applied.length > 0).sort()).toEqual([false, false, true]);
    expect((await place.plan(only)).steps).toEqual([]);
  });

  test('is left as it was when one statement of many is refused', async () => {
    await place.rows(`CREATE TABLE public.orders (id bigint PRIMARY KEY)`);
    await place.rows(`CREATE ROLE ${place.role.admin} CREATEROLE`);
    await place.rows(`GRANT CREATE ON DATABASE ${new URL(place.url).pathname.slice(1)} TO ${place.role.admin}`);
    const before = await found();
    // It may make everything but grant rights of a table that is not its own.
    await expect(place.apply({}, false, await place.urlOf('admin'))).rejects.toMatchObject({
      type: 'PermissionDenied',
      details: [{ object: expect.stringContaining('public.orders'), remedy: expect.stringContaining('Provision as the owner') }],
    });
    expect(await found()).toEqual(before);
  });
}); // prettier-ignore

describe('the administrator', () => {
  test('needs to be no superuser', async () => {
    await place.rows(`CREATE ROLE ${place.role.admin} CREATEROLE`);
    await place.rows(`ALTER DATABASE ${new URL(place.url).pathname.slice(1)} OWNER TO ${place.role.admin}`);
    const [url, roles] = [await place.urlOf('admin'), { ...place.wanted.roles, owner: place.role.owner }];
    const only = { roles, tables: [] };
    const planned = await place.plan(only, url);
    const { steps, applied } = await place.apply(only, false, url);
    expect({ steps, applied }).toEqual({ steps: [], applied: planned.steps });
    expect(await place.plan(only, url)).toMatchObject({ steps: [], notes: [] });
    expect(await place.rows(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = '_loadline'`)).toEqual([
      { tableowner: place.role.owner },
    ]);
  });

  test('who may not make roles is told what a stronger one has to run, and changes nothing', async () => {
    await place.rows(`CREATE ROLE ${place.role.admin}`);
    const url = await place.urlOf('admin');
    const { notes } = await place.plan({}, url);
    expect(notes.filter(({ blocks }) => blocks)).toHaveLength(2);
    const before = await found();
    await expect(place.apply({}, false, url)).rejects.toMatchObject({
      type: 'PermissionDenied',
      details: [{ remedy: expect.stringContaining(`CREATE ROLE "${place.role.loader}" NOLOGIN`) }],
    });
    expect(await found()).toEqual(before);
  });

  test('is not one of the roles that it provisions', async () => {
    await place.rows(`CREATE ROLE ${place.role.loader}`);
    await expect(place.plan({}, await place.urlOf('loader'))).rejects.toEqual(failure('InvalidConfig'));
  });
}); // prettier-ignore

describe('what has changed since', () => {
  beforeEach(() => place.apply());

  test('a grant that somebody has removed is found and given again', async () => {
    const { loader } = place.role;
    const before = await grantsOf(loader);
    await place.rows(`REVOKE INSERT ON _loadline.ledger FROM ${loader}`);
    expect(changes(await place.plan())).toEqual([`GRANT INSERT ON TABLE "_loadline"."ledger" TO "${loader}"`]);
    await place.apply();
    expect(await grantsOf(loader)).toEqual(before);
  });

  test('rights too many are told, left alone, and revoked by pruning', async () => {
    const { loader, reader, stranger } = place.role;
    const before = await Promise.all([grantsOf(loader), grantsOf(reader)]);
    await place.rows(`CREATE ROLE ${stranger}`);
    await place.rows(`GRANT UPDATE, DELETE ON _loadline.ledger TO ${loader}, ${stranger}, PUBLIC`);
    await place.rows(`GRANT UPDATE (receipt) ON _loadline.ledger TO ${reader}`);
    await place.rows(`GRANT TRUNCATE ON public.orders TO ${loader}`);
    const { steps } = await place.apply();
    expect(steps.map(({ role, prunes }) => [role, prunes])).toEqual([[loader, true], [reader, true], ['PUBLIC', true], [loader, true]]);
    expect(await place.tries('loader', 'DELETE FROM _loadline.ledger')).toBe('done');
    const pruned = await place.apply({}, true);
    expect(pruned).toMatchObject({ steps: [], notes: [{ object: `role ${stranger}` }] });
    expect(await Promise.all([grantsOf(loader), grantsOf(reader)])).toEqual(before);
    expect(await place.tries('loader', 'DELETE FROM _loadline.ledger')).toBe('42501');
    expect(await place.tries('stranger', 'SELECT 1')).toBe('done');
    expect(await grantsOf(stranger)).toHaveLength(2);
  });

  test('a table that is there keeps its rows, whatever its contract says now', async () => {
    await place.rows('INSERT INTO public.orders VALUES (1), (2)');
    const wider = contractOf('orders', { columns: { id: { type: 'bigint' }, v: { type: 'text' } }, key: ['id'], create: 'if-missing' });
    await place.apply({ tables: [{ contract: wider, appends: true }] }, true);
    expect(await place.rows('SELECT * FROM public.orders ORDER BY 1')).toEqual([{ id: '1' }, { id: '2' }]);
  });

  test('a ledger of a later release is refused', async () => {
    await place.rows('INSERT INTO _loadline.meta VALUES (99)');
    await expect(place.plan()).rejects.toEqual(failure('LedgerTooNew'));
    await expect(place.apply({}, true)).rejects.toEqual(failure('LedgerTooNew'));
  });
}); // prettier-ignore

test('a ledger that a worker has made by itself is taken over, and the worker goes on', async () => {
  const { loader } = place.role;
  await place.rows(`CREATE ROLE ${loader}`);
  await place.rows(`GRANT CREATE ON DATABASE ${new URL(place.url).pathname.slice(1)} TO ${loader}`);
  const worker = place.warehouse(await place.urlOf('loader'));
  await worker.prepare();
  const first = await place.apply();
  expect(first.steps.map(({ change, prunes }) => ({ change, prunes }))).toEqual(
    expect.arrayContaining([{ change: 'alter', prunes: true }, { change: 'revoke', prunes: true }]),
  );
  expect(await place.tries('loader', 'DELETE FROM _loadline.ledger')).toBe('done');
  expect((await place.apply({}, true)).steps).toEqual([]);
  expect(await place.tries('loader', 'DELETE FROM _loadline.ledger')).toBe('42501');
  expect(await place.tries('loader', 'DROP TABLE _loadline.meta')).toBe('42501');
  await worker.prepare();
  expect(await worker.list({ limit: 1 })).toEqual([]);
}); // prettier-ignore
