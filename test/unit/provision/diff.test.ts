import { ledgerVersion } from '../../../activities/warehouses/postgres/ledger-schema';
import { asWanted, nothing, plan, shown, target, wanted, withGrants } from './facts';

const loader = { ...wanted, roles: { loader: 'loader', reader: null, sweeper: null, owner: null } };

test('everything is made where nothing is, in an order in which it can be', () => {
  const { steps, notes, drift } = plan(nothing);
  expect(drift).toBe(true);
  expect(notes).toEqual([]);
  expect(steps.slice(0, 6).map(({ object, change }) => `${change} ${object}`)).toEqual([
    'create role loader',
    'create role reader',
    'create role sweeper',
    'create schema _loadline',
    'create schema _loadline_stage',
    'create ledger _loadline',
  ]);
  expect(shown(steps)).toEqual(
    expect.arrayContaining([
      'create: CREATE ROLE "loader" NOLOGIN',
      'create: CREATE SCHEMA "_loadline"',
      // Only the owner of a schema, or of a table, may drop the table.
      'create: CREATE SCHEMA "_loadline_stage" AUTHORIZATION "sweeper"',
      'grant: GRANT USAGE, CREATE ON SCHEMA "_loadline_stage" TO "loader"',
    ]),
  );
  expect(steps.slice(6).every(({ change, prunes }) => change === 'grant' && !prunes)).toBe(true);
});

test('nothing is left to do once it has been done', () => {
  expect(plan(asWanted())).toMatchObject({ steps: [], notes: [], drift: false });
  const facts = { ...nothing, targets: [target('orders'), target('events')] };
  expect(plan(asWanted(facts))).toMatchObject({ steps: [], notes: [] });
});

test('what loads may do to the tables of the ledger', () => {
  const rights = plan(nothing, loader)
    .steps.flatMap(({ sql }) => sql)
    .filter((sql) => sql.includes('ON TABLE'))
    .sort();
  expect(rights).toMatchSnapshot();
});

test('a role that may log in gets no password, and the owner of the ledger never logs in', () => {
  const { steps } = plan(nothing, { ...loader, login: true, roles: { ...loader.roles, owner: 'owner' } });
  expect(shown(steps)).toEqual(
    expect.arrayContaining(['create: CREATE ROLE "loader" LOGIN', 'create: CREATE ROLE "owner" NOLOGIN']),
  );
  expect(steps.flatMap(({ sql }) => sql).join()).not.toMatch(/password/i);
});

test('the ledger is made and migrated by its owner', () => {
  const owned = { ...loader, roles: { ...loader.roles, owner: 'owner' } };
  const made = plan(nothing, owned).steps.find(({ object }) => object === 'ledger _loadline')!;
  expect([made.sql[0], made.sql.at(-1)]).toEqual(['SET LOCAL ROLE "owner"', 'RESET ROLE']);
  const facts = asWanted(nothing, owned);
  const older = {
    ...facts,
    ledgerVersion: ledgerVersion - 1,
    ledgerSchema: { ...facts.ledgerSchema!, owner: 'owner' },
  };
  const later = plan(older, owned).steps.find(({ object }) => object === 'ledger _loadline')!;
  expect(later).toMatchObject({
    change: 'alter',
    sql: ['SET LOCAL ROLE "owner"', ...later.sql.slice(1, -1), 'RESET ROLE'],
  });
  expect(later.sql.join()).not.toContain('CREATE TABLE "_loadline"."claims"');
});

describe('of grants', () => {
  const facts = asWanted();

  test('one that somebody has removed is granted again', () => {
    const lost = withGrants(facts, 'ledger', (grants) =>
      grants.filter(({ grantee, privilege }) => grantee !== 'loader' || privilege !== 'INSERT'),
    );
    expect(shown(plan(lost).steps)).toEqual(['grant: GRANT INSERT ON TABLE "_loadline"."ledger" TO "loader"']);
  });

  test('one of a column counts for that column alone', () => {
    const lost = withGrants(facts, 'ledger', (grants) =>
      grants.map((g) => (g.privilege === 'UPDATE (attempt)' ? { ...g, privilege: 'UPDATE (receipt)' } : g)),
    );
    expect(shown(plan(lost).steps)).toEqual([
      'grant: GRANT UPDATE (attempt) ON TABLE "_loadline"."ledger" TO "sweeper"',
      'prune revoke: REVOKE UPDATE (receipt) ON TABLE "_loadline"."ledger" FROM "sweeper"',
    ]);
  });

  test('one too many on the ledger is told, and revoked by pruning alone', () => {
    const more = withGrants(facts, 'ledger', (grants) => [
      ...grants,
      { grantee: 'loader', privilege: 'DELETE' },
      { grantee: '', privilege: 'UPDATE' },
      { grantee: 'admin', privilege: 'TRUNCATE' },
    ]);
    expect(shown(plan(more).steps)).toEqual([
      'prune revoke: REVOKE DELETE ON TABLE "_loadline"."ledger" FROM "loader"',
      'prune revoke: REVOKE UPDATE ON TABLE "_loadline"."ledger" FROM PUBLIC',
    ]);
  });

  test('those of roles that nobody has named are told and never touched', () => {
    const more = withGrants(facts, 'ledger', (grants) => [...grants, { grantee: 'etl', privilege: 'INSERT' }]);
    const { steps, notes, drift } = plan(more);
    expect({ steps, drift }).toEqual({ steps: [], drift: false });
    expect(notes).toEqual([
      {
        object: 'role etl',
        found: 'may write to the ledger or use the schema of stages',
        remedy: 'REVOKE ALL ON TABLE "_loadline"."ledger" FROM "etl"',
        blocks: false,
      },
    ]);
  });

  test('the right to make schemas goes with the canary', () => {
    const canary = plan(facts, { ...wanted, canary: true });
    expect(shown(canary.steps)).toEqual(['grant: GRANT CREATE ON DATABASE "db" TO "loader"']);
    const left = { ...facts, database: { ...facts.database, grants: [...facts.database.grants, { grantee: 'loader', privilege: 'CREATE' }] } };
    expect(shown(plan(left).steps)).toEqual(['prune revoke: REVOKE CREATE ON DATABASE "db" FROM "loader"']);
  });
}); // prettier-ignore

describe('of tables', () => {
  test('one that is missing is made only when asked for, and only where the contract says so', () => {
    const gone = { found: null, inSchema: null };
    const contract = { ...target('made').contract, create: 'if-missing' } as const;
    const facts = { ...asWanted(), targets: [target('made', { ...gone, contract }), target('gone', gone)] };
    const without = plan(facts);
    expect(without.steps).toEqual([]);
    expect(without.notes.map(({ object, remedy }) => `${object}: ${remedy}`)).toEqual([
      'table shop.made: Add --tables, or the first load fails: loader may make no table.',
      'table shop.gone: Make it, then apply again: its rights are granted once it is there.',
    ]);
    const { steps, notes } = plan(facts, { ...wanted, makeTables: true });
    expect(shown(steps)).toEqual([
      'create: CREATE SCHEMA "shop"',
      'create: CREATE TABLE "shop"."made" ("id" integer)',
      'grant: GRANT USAGE ON SCHEMA "shop" TO "loader"',
      'grant: GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE "shop"."made" TO "loader"',
    ]);
    expect(notes.map(({ object }) => object)).toEqual(['table shop.gone']);
  });

  test('one that is appended to gets the column that makes loads reversible', () => {
    const contract = { ...target('events').contract, create: 'if-missing' } as const;
    const facts = { ...asWanted(), targets: [target('events', { found: null, contract, appends: true })] };
    expect(shown(plan(facts, { ...wanted, makeTables: true }).steps)).toContain(
      'create: CREATE TABLE "shop"."events" ("id" integer, "_loadline_load_id" text)',
    );
  });

  test('one that a check reads is read, and nothing else', () => {
    const facts = { ...asWanted(), targets: [target('customers', { readOnly: true })] };
    expect(shown(plan(facts).steps).at(-1)).toBe('grant: GRANT SELECT ON TABLE "shop"."customers" TO "loader"');
  });

  test('one that the loader owns is handed over by pruning', () => {
    const found = { ...target('orders').found!, owner: 'loader' };
    const facts = asWanted({ ...nothing, targets: [target('orders')] });
    const [one] = facts.targets;
    const owned = { ...facts, targets: [{ ...one!, found: { ...one!.found!, owner: found.owner } }] };
    expect(shown(plan(owned).steps)).toEqual(['prune alter: ALTER TABLE "shop"."orders" OWNER TO "admin"']);
  });

  test('rows that policies hide are told', () => {
    const facts = asWanted({ ...nothing, targets: [target('orders')] });
    const [one] = facts.targets;
    const policed = { ...facts, targets: [{ ...one!, found: { ...one!.found!, policed: true } }] };
    expect(plan(policed).notes).toMatchObject([{ remedy: 'As a superuser: ALTER ROLE "loader" BYPASSRLS' }]);
  });
});

describe('of owners', () => {
  test('a ledger that a worker has made is handed over by pruning, its schema first', () => {
    const facts = asWanted(nothing, loader);
    const ledger = new Map([...facts.ledger].map(([name, found]) => [name, { ...found, owner: 'loader' }]));
    const { steps } = plan({ ...facts, ledgerSchema: { ...facts.ledgerSchema!, owner: 'loader' }, ledger }, loader);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ change: 'alter', role: 'admin', prunes: true });
    expect(steps[0]!.sql[0]).toBe('ALTER SCHEMA "_loadline" OWNER TO "admin"');
    expect(steps[0]!.sql).toHaveLength(1 + ledger.size);
  });

  test("what the administrator has is the named owner's without pruning", () => {
    const { steps } = plan(asWanted(), { ...wanted, roles: { ...wanted.roles, owner: 'owner' } });
    expect(steps.filter(({ change }) => change === 'alter')).toMatchObject([{ role: 'owner', prunes: false }]);
  });

  test('who is no superuser becomes a member of whom it gives something to own', () => {
    const facts = { ...nothing, admin: { ...nothing.admin, superuser: false } };
    expect(shown(plan(facts).steps)[3]).toBe('grant: GRANT "sweeper" TO "admin"');
  });
});

describe('nothing can be applied', () => {
  test('where roles are missing and may not be made', () => {
    const facts = { ...nothing, admin: { ...nothing.admin, superuser: false, createsRoles: false } };
    expect(plan(facts, loader).notes).toEqual([
      {
        object: 'role loader',
        found: 'admin may not create roles',
        remedy: 'Run, as a role with CREATEROLE: CREATE ROLE "loader" NOLOGIN',
        blocks: true,
      },
    ]);
  });

  test('where schemas are missing and may not be made', () => {
    const facts = { ...nothing, admin: { ...nothing.admin, superuser: false, createsSchemas: false } };
    expect(plan(facts, loader).notes).toMatchObject([
      { object: 'schema _loadline, schema _loadline_stage', blocks: true },
    ]);
  });
});

test('a role with rights that no grant takes away is told', () => {
  const facts = asWanted();
  const role = { superuser: false, bypassesPolicies: false, open: true, memberOf: ['admin', 'harmless'] };
  const strong = { ...facts, roles: new Map([...facts.roles, ['loader', role], ['reader', { ...role, superuser: true }]]) };
  expect(plan(strong as typeof facts).notes.map(({ object, found }) => `${object} ${found}`)).toEqual([
    'role loader is a member of admin, and may do what that may',
    'role reader is a superuser, and may do everything',
  ]);
}); // prettier-ignore
