import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadline, plain, type Told } from '../../unit/cli/streams';
import { testProvision } from '../sql/provision';
import { openSnowflakeProvisionPlace } from './provision-place';

testProvision(openSnowflakeProvisionPlace, (place, wanted) => {
  test('the loader and the reader may do nothing beyond what they need', async () => {
    const { ledger, relation, role, tries, database } = place();
    const { loader, reader } = role;
    const stage = `"${database}"."_LOADLINE_STAGE"`;
    const denied = [
    ...['ledger', 'ledger_archive', 'rollbacks', 'rejections', 'claims', 'effects', 'metrics', 'meta'].map((t) => `DELETE FROM ${ledger(t)}`),
    ...['ledger', 'claims', 'stages', 'files', 'holds'].map((t) => `UPDATE ${ledger(t)} SET "load_key" = "load_key"`),
    `INSERT INTO ${ledger('meta')} ("schema_version") SELECT 99`,
    `INSERT INTO ${ledger('ledger_archive')} ("load_id") SELECT 'x'`,
    `DROP TABLE ${ledger('ledger')}`,
    `TRUNCATE TABLE ${relation('t')}`,
    `DROP TABLE ${relation('t')}`,
    `DROP SCHEMA ${stage} CASCADE`,
    `CREATE SCHEMA "${database}".MINE`,
    `CREATE TABLE "${database}".PUBLIC.MINE (id INT)`,
    `CREATE STAGE ${stage}.MINE`,
    `CREATE ROLE MINE`,
    `GRANT SELECT ON TABLE ${ledger('quarantine')} TO ROLE ${reader}`,
  ]; // prettier-ignore
    for (const sql of denied) expect([sql, await tries(loader, sql)]).toEqual([sql, 'PermissionDenied']);
    for (const table of ['ledger', 'claims', 'stages', 'meta'])
      expect(await tries(reader, `SELECT * FROM ${ledger(table)}`)).toBe('done');
    // What a role has no right of at all is not there for it.
    for (const table of [ledger('quarantine'), relation('t')])
      expect(await tries(reader, `SELECT * FROM ${table}`)).toBe('TargetNotFound');
    expect(await tries(reader, `INSERT INTO ${ledger('ledger')} ("load_id") SELECT 'x'`)).toBe('PermissionDenied');
  });

  test('receipts are archived by whoever owns the ledger, and by no loader', async () => {
    const { warehouse, owner, rows, ledger } = place();
    await expect(warehouse().archive({ olderThanMs: 0 })).rejects.toMatchObject({ type: 'PermissionDenied' });
    const kept = await rows(`SELECT "load_id" FROM ${ledger('ledger')}`);
    expect(await (await owner()).archive({ olderThanMs: 0 })).toMatchObject({ archived: kept.length });
    expect(await rows(`SELECT "load_id" FROM ${ledger('ledger_archive')} ORDER BY 1`)).toHaveLength(kept.length);
  });

  test('a ledger of the version before is brought to this one by whoever provisions, and by no loader', async () => {
    const { warehouse, apply, run, ledger, rows, database } = place();
    await run(`DROP TABLE ${ledger('ledger_archive')}`);
    await run(`UPDATE ${ledger('meta')} SET "schema_version" = 1`);
    await expect(warehouse().list({ limit: 1 })).rejects.toMatchObject({ type: 'PermissionDenied' });
    const ofArchive = `SELECT 1 AS "n" FROM "${database}".INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'ledger_archive'`;
    expect(await rows(ofArchive)).toEqual([]);
    const { applied, steps } = await apply(wanted());
    expect(applied[0]).toMatchObject({ change: 'alter', reason: expect.stringContaining('from version 1 to') });
    expect(steps).toEqual([]);
    expect(await warehouse().list({ limit: 1 })).toHaveLength(1);
  });

  test('what workers have made before is taken over by pruning, with the rights that others have of it', async () => {
    const opened = await openSnowflakeProvisionPlace('taken_over');
    const { role, tries, database, ledger, apply } = opened;
    const { loader, owner } = role;
    for (const sql of [`CREATE ROLE ${loader}`, `GRANT USAGE, CREATE SCHEMA ON DATABASE ${database} TO ROLE ${loader}`])
      await opened.run(sql);
    for (const schema of ['_LOADLINE', '_LOADLINE_STAGE'])
      expect(await tries(loader, `CREATE SCHEMA "${database}"."${schema}"`)).toBe('done');
    const { steps } = await apply(opened.wanted);
    expect(steps.map(({ change, object, prunes }) => [change, object, prunes])).toEqual([
      ['alter', 'schema _LOADLINE, schema _LOADLINE_STAGE', true],
      ['revoke', `database ${database}`, true],
    ]);
    expect(await apply(opened.wanted, true)).toMatchObject({ steps: [], notes: [] });
    const [found] = await opened.rows(`SHOW GRANTS ON SCHEMA "${database}"."_LOADLINE"`);
    expect(found).toMatchObject({ privilege: 'OWNERSHIP', grantee_name: owner });
    expect(await tries(loader, `DROP TABLE ${ledger('ledger')}`)).toBe('PermissionDenied');
    await opened.close();
  });

  test('who may not give rights is told which statement a stronger role has to run', async () => {
  const { role, as, run, takeAway, database, apply } = place();
  await run(`CREATE ROLE ${role.admin}`);
  // A role that the user has not been given.
  await expect(as(role.admin).plan(wanted())).rejects.toMatchObject({ type: 'PermissionDenied' });
  await run(`GRANT ROLE ${role.admin} TO USER WORKER_${role.admin.slice(6)}`);
  for (const on of [`DATABASE ${database}`, `WAREHOUSE WH_${role.admin.slice(6)}`, `SCHEMA "${database}"."_LOADLINE"`])
    await run(`GRANT USAGE ON ${on} TO ROLE ${role.admin}`);
  const lacking = await takeAway();
  const given = as(role.admin).apply({ ...wanted(), tables: [] }, { prune: false });
  const failure = (await given.catch((error: unknown) => error)) as { type: string; details: { remedy: string }[] };
  expect(failure).toMatchObject({ type: 'PermissionDenied', details: [{ remedy: expect.stringContaining('MANAGE GRANTS') }] });
  await run(`DROP ROLE ${role.admin}`);
  expect((await apply(wanted())).applied).toMatchObject([{ sql: [lacking] }]);
}); // prettier-ignore

  test('the command tells by its exit whether the warehouse differs, and puts it right, with the secret of the administrator alone', async () => {
    const { role, database, takeAway, env } = place();
    const login = (user: string, secret: string): string => `user: '${user}', password: { env: '${secret}' }`;
    const own = `kind: 'snowflake', account: 'standin', database: '${database}', endpoint: '${env['PLACE_URL']!}'`;
    const roles = `loader: '${role.loader}', reader: '${role.reader}', owner: '${role.owner}'`;
    const main = `${own}, ${login('WORKER', 'NO_SUCH')}, provision: { admin: { ${login('ADMIN', 'SNOWFLAKE_ADMIN')} }, roles: { ${roles} } }`;
    const folder = mkdtempSync(join(tmpdir(), 'loadline-provision-'));
    const file = join(folder, 'loadline.config.js');
    writeFileSync(file, `module.exports = { warehouses: { main: { ${main} } }, stores: {}, contracts: [] };`);
    process.env['SNOWFLAKE_ADMIN'] = 'hunter2-hunter2';
    const run = (...args: string[]): Promise<Told> => loadline('--config', file, 'provision', ...args);
    const lacking = await takeAway();
    const plan = await run('plan', '--exit-code');
    expect(plan).toMatchObject({ code: 1, err: '' });
    expect(plain(plan.out).replace(/\s+/g, ' ')).toContain(lacking);
    expect(plain((await run('apply')).out)).toContain(`+ ${role.loader}  INSERT on _LOADLINE.ledger`);
    expect(await run('plan', '--exit-code')).toMatchObject({ code: 0 });
    expect(plan.out + plan.err).not.toContain('hunter2');
    delete process.env['SNOWFLAKE_ADMIN'];
    rmSync(folder, { recursive: true });
  });

  test('roles that nobody has named, stronger roles, and a worker without its role are told and never touched', async () => {
    const { apply, ledger, role, run, database } = place();
    await run(`CREATE ROLE ${role.stranger}`);
    await run(`GRANT DELETE ON TABLE ${ledger('ledger')} TO ROLE ${role.stranger}`);
    await run(`GRANT ROLE SYSADMIN TO ROLE ${role.loader}`);
    await run(`GRANT CREATE DATABASE ON ACCOUNT TO ROLE ${role.loader}`);
    const { steps, notes, database: told } = await apply(wanted(), true);
    expect({ steps, notes: notes.map(({ object, found }) => [object, found]) }).toEqual({
      steps: [],
      notes: [
        [`role ${role.loader}`, 'has the role SYSADMIN, and may do what that may'],
        [`role ${role.loader}`, 'has CREATE DATABASE on the account'],
        [`role ${role.stranger}`, 'may write to the ledger or use the schema of stages'],
      ],
    });
    expect(notes[2]!.remedy).toBe(`REVOKE ALL ON TABLE ${ledger('ledger')} FROM ROLE "${role.stranger}"`);
    expect(told).toBe(`standin ${database}`);
  });
});
