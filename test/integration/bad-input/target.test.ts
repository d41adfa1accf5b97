import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createDatabase, services } from '../../services/services';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { LoadReceipt } from '../../../workflows/contract';
import { failureOf } from '../support/failures';
import { fetchHistory, stepsOf, textOf } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { expectBalanced } from '../support/receipts';
import { expectRefused } from '../support/refusal';
import { raw } from '../support/source';

const marker = 'S3CRET-VALUE';
const password = 'hunter2-hunter2';
const roles = ['no_schema', 'no_table', 'no_ledger'].map((name) => `${name}_${randomBytes(4).toString('hex')}`);
const [noSchema, noTable, noLedger] = roles as [string, string, string];

let lab: Lab;

async function administer(url: string, statements: readonly string[]): Promise<void> {
  const db = new Client({ connectionString: url });
  await db.connect();
  for (const statement of statements) await db.query(statement);
  await db.end();
}

function as(
  url: string,
  more: { user?: string; password?: string; port?: string; database?: string; host?: string },
): string {
  const changed = new URL(url);
  if (more.user !== undefined) changed.username = more.user;
  if (more.password !== undefined) changed.password = more.password;
  if (more.port !== undefined) changed.port = more.port;
  if (more.host !== undefined) changed.hostname = more.host;
  if (more.database !== undefined) changed.pathname = `/${more.database}`;
  return changed.href;
}

beforeAll(async () => {
  const url = await createDatabase('bad_target');
  await administer(
    url,
    roles.map((role) => `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`),
  );
  lab = await openLab('bad_target', {
    url,
    warehouses: {
      no_schema: as(url, { user: noSchema, password }),
      no_table: as(url, { user: noTable, password }),
      no_ledger: as(url, { user: noLedger, password }),
      wrong_password: as(url, { user: noTable, password: `${password}-wrong` }),
      no_database: as(url, { database: 'nothing_here' }),
      unreachable: as(url, { port: '1' }),
      unresolvable: as(url, { host: 'no-such-host.invalid' }),
    },
  });
  const ledger = (role: string): string[] => [
    `GRANT USAGE ON SCHEMA _loadline TO ${role}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA _loadline TO ${role}`,
    `GRANT USAGE, CREATE ON SCHEMA _loadline_stage TO ${role}`,
  ];
  await administer(url, [
    'CREATE SCHEMA closed',
    'CREATE TABLE closed.t (id integer, name text)',
    'CREATE TABLE t (id integer, name text)',
    ...ledger(noSchema),
    ...ledger(noTable),
    `GRANT ALL ON t TO ${noLedger}`,
  ]);
});
afterAll(async () => {
  await lab.stop();
  // The database is dropped by now, and with it what the roles had there.
  await administer(
    services().databaseUrl,
    roles.map((role) => `DROP ROLE ${role}`),
  );
});

const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;
const request = (into: string, more: object = {}) => ({
  pipeline: into,
  into,
  mode: 'append',
  from: raw(`${into}/*.csv`),
  ...more,
});
const hides = [marker, password];

async function refused(
  name: string,
  table: string,
  code: LoadErrorCode,
  says: (string | RegExp)[],
  more: object = {},
  mode: object = {},
): Promise<void> {
  const into = lab.contract({ name, table, columns, ...more });
  await lab.file(`${name}/a.csv`, `id,name\n1,${marker}\n`);
  await expectRefused(lab, request(into, mode), { code, says, hides });
}

describe('a load is refused at once, with all as before, where', () => {
  test('the role may not use the schema', () =>
    refused('no-schema', 'no_schema/closed.t', 'PermissionDenied', [/closed/, 'Grant', '42501']));

  test('the role may not write to the table', () =>
    refused('no-table', 'no_table/public.t', 'PermissionDenied', [/table t/, 'Grant', '42501']));

  test('the role may not use the ledger', () =>
    refused('no-ledger', 'no_ledger/public.t', 'PermissionDenied', ['_loadline', 'Grant', '42501']));

  test('the role may not create the table', () =>
    refused('no-create', 'no_table/public.made', 'PermissionDenied', ['schema public', 'Grant'], {
      create: 'if-missing',
    }));

  test('the password is wrong', () =>
    refused('wrong-password', 'wrong_password/public.t', 'CredentialsRejected', ['127.0.0.1', 'password']));

  test('the database does not exist', () =>
    refused('no-database', 'no_database/public.t', 'DatabaseNotFound', ['127.0.0.1', '/nothing_here']));

  test('the table does not exist', async () => {
    await lab.rows('CREATE TABLE "Orders" (id integer, name text)');
    await refused('no-such', 'main/public.orders', 'TargetNotFound', ['public.orders', 'public.Orders', 'if-missing']);
    await refused('no-such-schema', 'main/nowhere.orders', 'TargetNotFound', ['nowhere'], { create: 'if-missing' });
  });

  test('the target is a view', async () => {
    await lab.rows('CREATE VIEW t_view AS SELECT * FROM t');
    await lab.rows('CREATE MATERIALIZED VIEW t_mat AS SELECT * FROM t');
    await refused('view', 'main/public.t_view', 'TargetNotATable', ['t_view', 'table behind']);
    await refused('mat', 'main/public.t_mat', 'TargetNotATable', ['t_mat']);
  });

  test('the name is longer than PostgreSQL keeps', () =>
    refused('too-long', `main/public.${'x'.repeat(64)}`, 'SchemaMismatch', ['xxxx', '63 bytes'], {
      create: 'if-missing',
    }));

  test('a column is missing, of another type, or written by the server alone', async () => {
    await lab.rows('CREATE TABLE odd (id integer, name integer)');
    await refused('odd-type', 'main/public.odd', 'SchemaMismatch', ['odd.name', 'Expected text', 'got integer']);
    await lab.rows('CREATE TABLE lacking (id integer)');
    await refused('odd-lacking', 'main/public.lacking', 'SchemaMismatch', ['lacking.name', 'none']);
    await lab.rows('CREATE TABLE generated (id integer, name text GENERATED ALWAYS AS (id::text) STORED)');
    await refused('odd-generated', 'main/public.generated', 'SchemaMismatch', [
      'generated.name',
      'can be written',
      'a generated column',
    ]);
    await lab.rows('CREATE TABLE identity (id integer GENERATED ALWAYS AS IDENTITY, name text)');
    await refused('odd-identity', 'main/public.identity', 'SchemaMismatch', [
      'identity.id',
      'can be written',
      'GENERATED ALWAYS',
    ]);
  });

  test('another column must have a value', async () => {
    await lab.rows('CREATE TABLE more (id integer, name text, extra text NOT NULL)');
    await refused('more', 'main/public.more', 'SchemaMismatch', ['more.extra', 'NOT NULL', 'give it a default']);
  });

  test('a row excludes another, or holds a value that another row has changed to', async () => {
    await lab.rows('CREATE TABLE spans (id integer, name text, EXCLUDE USING btree (id WITH =))');
    await lab.rows(`INSERT INTO spans VALUES (1, 'there')`);
    await refused('spans', 'main/public.spans', 'ConstraintViolated', ['spans', 'spans_id_excl']);
    await lab.rows('CREATE TABLE named (id integer PRIMARY KEY, name text CONSTRAINT one_holder UNIQUE)');
    await lab.rows(`INSERT INTO named VALUES (1, 'free'), (2, '${marker}')`);
    await refused(
      'named',
      'main/public.named',
      'KeyExists',
      ['named', 'one_holder'],
      { key: ['id'] },
      { mode: 'merge' },
    );
  });

  test('a rule does something else instead', async () => {
    await lab.rows('CREATE TABLE ruled (id integer PRIMARY KEY, name text)');
    await lab.rows(`INSERT INTO ruled VALUES (1, 'old')`);
    const says = ['ruled', 'trigger or a rule', /Expected 1 rows?, got 0/];
    for (const [event, mode] of [
      ['INSERT', 'append'],
      ['UPDATE', 'merge'],
      ['DELETE', 'replace'],
    ] as const) {
      await lab.rows(`CREATE RULE never AS ON ${event} TO ruled DO INSTEAD NOTHING`);
      await refused(`ruled-${mode}`, 'main/public.ruled', 'ConstraintViolated', says, { key: ['id'] }, { mode });
      await lab.rows('DROP RULE never ON ruled');
    }
  });

  test('a check refuses a row', async () => {
    await lab.rows(`CREATE TABLE checked (id integer, name text CONSTRAINT short CHECK (length(name) < 5))`);
    await refused('checked', 'main/public.checked', 'ConstraintViolated', ['checked', 'short']);
  });

  test('a row refers to none', async () => {
    await lab.rows('CREATE TABLE parents (id integer PRIMARY KEY)');
    await lab.rows('CREATE TABLE children (id integer CONSTRAINT has_parent REFERENCES parents, name text)');
    await refused('children', 'main/public.children', 'ConstraintViolated', ['children', 'has_parent']);
  });

  test('a constraint is looked at only when the transaction commits', async () => {
    await lab.rows('CREATE TABLE late_parents (id integer PRIMARY KEY)');
    await lab.rows(
      'CREATE TABLE late (id integer CONSTRAINT late_parent REFERENCES late_parents DEFERRABLE INITIALLY DEFERRED, name text)',
    );
    await refused('late', 'main/public.late', 'ConstraintViolated', ['late', 'late_parent']);
  });

  test('the table holds a value already that is unique', async () => {
    await lab.rows(`CREATE TABLE uniq (id integer, name text CONSTRAINT one_name UNIQUE)`);
    await lab.rows(`INSERT INTO uniq VALUES (7, '${marker}')`);
    await refused('uniq', 'main/public.uniq', 'KeyExists', ['uniq', 'one_name']);
  });

  test('a text is longer than its column', async () => {
    await lab.rows('CREATE TABLE tight (id integer, name varchar(5))');
    await refused('tight', 'main/public.tight', 'InvalidValue', [
      'a.csv',
      'column name',
      'character varying(5)',
      'line 2',
    ]);
  });

  test('a trigger of the table refuses a row, and says which', async () => {
    await lab.rows(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no % for (%)', NEW.name, NEW.name; END $$`,
    );
    await lab.rows('CREATE TABLE guarded (id integer, name text)');
    await lab.rows('CREATE TRIGGER g BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION refuse()');
    await refused('guarded', 'main/public.guarded', 'ConstraintViolated', ['P0001', 'trigger']);
  });

  test('a trigger of the table drops rows in silence', async () => {
    await lab.rows(`CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`);
    await lab.rows('CREATE TABLE swallowing (id integer PRIMARY KEY, name text)');
    await lab.rows('CREATE TRIGGER g BEFORE INSERT ON swallowing FOR EACH ROW EXECUTE FUNCTION swallow()');
    await lab.rows('ALTER TABLE swallowing DISABLE TRIGGER g');
    await lab.rows(`INSERT INTO swallowing VALUES (9, 'there')`);
    await lab.rows('ALTER TABLE swallowing ENABLE TRIGGER g');
    for (const mode of ['append', 'merge', 'insert-only', 'replace']) {
      await refused(
        `swallowing-${mode}`,
        'main/public.swallowing',
        'ConstraintViolated',
        ['swallowing', 'trigger'],
        { key: ['id'] },
        { mode },
      );
    }
  });

  test('rows under row-level security cannot be told from missing ones', async () => {
    await lab.rows('CREATE TABLE hidden (id integer PRIMARY KEY, name text)');
    await lab.rows('ALTER TABLE hidden ENABLE ROW LEVEL SECURITY');
    await lab.rows(`CREATE POLICY own ON hidden USING (id < 0) WITH CHECK (true)`);
    await lab.rows(`GRANT ALL ON hidden TO ${noTable}`);
    await lab.rows(`INSERT INTO hidden VALUES (5, 'unseen')`);
    await refused(
      'hidden',
      'no_table/public.hidden',
      'PermissionDenied',
      ['hidden', 'row-level security'],
      { key: ['id'] },
      { mode: 'replace' },
    );
  });
});

test('a server that is not there is shown, tried again, and can be waited for no longer', async () => {
  for (const name of ['unreachable', 'unresolvable']) {
    const into = lab.contract({ name, table: `${name}/public.t`, columns });
    await lab.file(`${name}/a.csv`, `id,name\n1,${marker}\n`);
    const handle = await lab.start('loadTable', [request(into)]);
    let shown = '';
    for (let tries = 0; tries < 100 && !shown; tries++) {
      await sleep(100);
      const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
      shown = pending?.lastFailure?.message ?? '';
    }
    expect(shown).toMatch(/cannot be reached/);
    expect(shown).toMatch(name === 'unreachable' ? /127\.0\.0\.1/ : /no-such-host\.invalid/);
    expect(shown).toMatch(/Check host, port/);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const { url } = lab;
    expect(textOf(await fetchHistory(lab.client, handle.workflowId))).not.toContain(new URL(url).password);
  }
});

describe('a table that changes while a load is on its way', () => {
  /** Holds the table's lock row, so that publish waits while something is done to the table. */
  async function whilePublishing(name: string, work: readonly string[], warehouse = 'main'): Promise<string> {
    const into = lab.contract({
      name,
      table: `${warehouse}/public.${name}`,
      columns,
      create: name.includes('made') ? 'if-missing' : 'never',
    });
    await lab.file(`${name}/1.csv`, 'id,name\n1,a\n');
    await lab.load(request(into) as never);
    await lab.file(`${name}/2.csv`, `id,name\n2,b\n`);
    const holder = new Client({ connectionString: lab.url });
    await holder.connect();
    const workflowId = `moving-${name}`;
    try {
      await holder.query('BEGIN');
      const held = await holder.query(`SELECT 1 FROM _loadline.locks WHERE target LIKE '%.${name}' FOR UPDATE`);
      expect(held.rowCount).toBe(1);
      await lab.start('loadTable', [request(into)], { workflowId });
      for (;;) {
        const waiting = await lab.rows(
          `SELECT 1 FROM pg_stat_activity WHERE query LIKE '/* loadline:publish:lock%' AND wait_event_type = 'Lock' AND datname = current_database()`,
        );
        if (waiting.length) break;
        await sleep(20);
      }
      for (const statement of work) await lab.rows(statement);
    } finally {
      await holder.query('COMMIT');
      await holder.end();
    }
    return workflowId;
  }
  const result = (workflowId: string) => lab.client.workflow.getHandle(workflowId).result() as Promise<LoadReceipt>;
  const again = 'openLoad extract stage audit publish openLoad extract stage audit publish';

  test('is planned for again: a column more', async () => {
    await lab.rows('CREATE TABLE moved (id integer, name text)');
    const workflowId = await whilePublishing('moved', [`ALTER TABLE moved ADD COLUMN extra text DEFAULT 'x'`]);
    expect(expectBalanced(await result(workflowId))).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 1 }] });
    expect(stepsOf(await fetchHistory(lab.client, workflowId))).toBe(again);
    expect(await lab.rows('SELECT * FROM moved ORDER BY 1')).toEqual([
      { id: 1, name: 'a', extra: 'x' },
      { id: 2, name: 'b', extra: 'x' },
    ]);
  });

  test('is planned for again: another type', async () => {
    await lab.rows('CREATE TABLE retyped (id integer, name text)');
    const workflowId = await whilePublishing('retyped', ['ALTER TABLE retyped ALTER COLUMN id TYPE bigint']);
    expect((await result(workflowId)).outcome).toBe('loaded');
  });

  test.each([
    ['trimmed', 'a column less', 'ALTER TABLE trimmed DROP COLUMN spare'],
    ['again', 'another table of that name', 'DROP TABLE again; CREATE TABLE again (name text, id integer)'],
    ['checked_late', 'a constraint that holds', 'ALTER TABLE checked_late ADD CHECK (id < 100)'],
  ])('is loaded into once: %s, %s', async (name, _what, statement) => {
    await lab.rows(`CREATE TABLE ${name} (spare text, id integer, name text)`);
    const workflowId = await whilePublishing(name, [statement]);
    expect(expectBalanced(await result(workflowId))).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 1 }] });
    expect(await lab.rows(`SELECT name FROM ${name} WHERE id = 2`)).toEqual([{ name: 'b' }]);
  });

  test.each([
    ['constrained', 'ConstraintViolated', 'ALTER TABLE constrained ADD CHECK (id < 2)'],
    ['keyed_late', 'KeyExists', `INSERT INTO keyed_late VALUES (2, 'x'); CREATE UNIQUE INDEX ON keyed_late (id)`],
    ['needy', 'SchemaMismatch', 'DELETE FROM needy; ALTER TABLE needy ADD COLUMN extra text NOT NULL'],
    [
      'generated_late',
      'SchemaMismatch',
      'ALTER TABLE generated_late DROP COLUMN name, ADD name text GENERATED ALWAYS AS (id::text) STORED',
    ],
    ['viewed', 'TargetNotATable', 'ALTER TABLE viewed RENAME TO behind; CREATE VIEW viewed AS SELECT * FROM behind'],
    [
      'attached',
      'TargetNotATable',
      'CREATE TABLE over (id integer, name text) PARTITION BY LIST (id); ALTER TABLE over ATTACH PARTITION attached DEFAULT',
    ],
    ['unlogged', 'TargetNotATable', 'ALTER TABLE unlogged SET UNLOGGED'],
    ['policed', 'PermissionDenied', 'ALTER TABLE policed ENABLE ROW LEVEL SECURITY', 'no_table'],
  ])(
    'fails the load for good where its rows have no place any more: %s',
    async (name, code, statement, warehouse = 'main') => {
      await lab.rows(`CREATE TABLE ${name} (id integer, name text); GRANT ALL ON ${name} TO ${noTable}`);
      const workflowId = await whilePublishing(name, [statement], warehouse);
      expect(await failureOf(result(workflowId))).toMatchObject({
        type: code,
        message: expect.stringContaining(name) as string,
      });
      const rows = await lab.rows(`SELECT 1 FROM ${name} WHERE id = 2 AND name = 'b'`);
      expect(rows).toEqual([]);
    },
  );

  test('is made anew where the contract may make it', async () => {
    const workflowId = await whilePublishing('made_anew', ['DROP TABLE made_anew']);
    expect((await result(workflowId)).outcome).toBe('loaded');
    expect(await lab.rows('SELECT id FROM made_anew')).toEqual([{ id: 2 }]);
  });

  test.each([
    ['dropped', 'TargetNotFound', 'DROP TABLE dropped'],
    ['renamed', 'SchemaMismatch', 'ALTER TABLE renamed RENAME COLUMN name TO title'],
  ])('fails the load for good where it can no longer be loaded: %s', async (name, code, statement) => {
    await lab.rows(`CREATE TABLE ${name} (id integer, name text)`);
    const workflowId = await whilePublishing(name, [statement]);
    expect(await failureOf(result(workflowId))).toMatchObject({
      type: code,
      message: expect.stringContaining(name) as string,
    });
    expect(stepsOf(await fetchHistory(lab.client, workflowId))).toBe(
      'openLoad extract stage audit publish openLoad discard settle',
    );
    const live = await lab.rows(
      `SELECT load_key FROM _loadline.claims WHERE load_key LIKE $1 AND lease_until > now()`,
      [`%.${name}/%`],
    );
    expect(live).toEqual([]);
    expect(await lab.rows('SELECT stage FROM _loadline.stages WHERE load_key LIKE $1', [`%.${name}/%`])).toEqual([]);
  });
});
