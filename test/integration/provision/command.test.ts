import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadline, plain, type Told } from '../../unit/cli/streams';
import { openPlace, type Place } from './support';

let place: Place;
let folder: string;
beforeAll(async () => {
  [place, folder] = await Promise.all([openPlace('command'), mkdtemp(join(tmpdir(), 'loadline-provision-'))]);
  process.env['LOADLINE_TEST_ADMIN'] = place.url;
});
afterAll(async () => {
  delete process.env['LOADLINE_TEST_ADMIN'];
  await place.close();
  await rm(folder, { recursive: true });
});

const contract = `{ name: 'orders', table: 'main/shop.orders', columns: { id: { type: 'bigint' } }, key: ['id'], create: 'if-missing' }`;
const provision = (more = ''): string =>
  `provision: { admin: { env: 'LOADLINE_TEST_ADMIN' }, roles: { loader: '${place.role.loader}' }, ${more} }`;

/** Runs the command on a configuration whose workers' secret is not there. */
async function run(options: string, ...args: string[]): Promise<Told> {
  const file = join(folder, 'loadline.config.js');
  await writeFile(
    file,
    `module.exports = { warehouses: { main: { kind: 'postgres', url: { env: 'LOADLINE_TEST_NO_SUCH' }, ${options} } }, stores: {}, contracts: [${contract}] };`,
  );
  const { code, out, err } = await loadline('--config', file, 'provision', ...args);
  return { code, out: plain(out), err: plain(err) };
}

test('a warehouse is planned, applied and found as it should be, without the secret of a worker', async () => {
  const { loader } = place.role;
  const first = await run(provision(), 'plan', '--tables', '--exit-code');
  expect(first).toMatchObject({ code: 1, err: '' });
  expect(first.out).toContain(`+ role ${loader}  new: what workers connect as; made without a login`);
  expect(first.out).toContain(`CREATE ROLE "${loader}" NOLOGIN`);
  expect(first.out).toContain('CREATE TABLE "shop"."orders" ("id" bigint NOT NULL, PRIMARY KEY ("id"))');
  expect(first.out.trimEnd()).toMatch(/→ loadline provision apply --tables$/);
  expect(await run(provision(), 'plan')).toMatchObject({ code: 0 });

  const applied = await run(provision(), 'apply', '--tables');
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toMatch(/^✓ main applied {2}\d+ steps/);
  expect((await run(provision(), 'apply', '--tables')).out).toMatch(/^✓ main applied {2}nothing was missing/);
  const same = await run(provision(), 'plan', '--exit-code');
  expect(same).toMatchObject({ code: 0, err: '' });
  expect(same.out).toMatch(/^✓ main is as workers need it/);

  await place.rows(`GRANT DELETE ON _loadline.ledger TO ${loader}`);
  const more = await run(provision(), 'plan', '--exit-code');
  expect(more).toMatchObject({ code: 1 });
  expect(more.out).toContain(`? ${loader}  has DELETE on _loadline.ledger: more than it needs; --prune revokes it`);
  const kept = await run(provision(), 'apply', '--json');
  expect(JSON.parse(kept.out)).toMatchObject({ warehouses: [{ applied: [], drift: true, steps: [{ change: 'revoke', prunes: true }] }] });
  const pruned = await run(provision(), 'apply', '--prune');
  expect(pruned.out).toContain(`- ${loader}  had DELETE on _loadline.ledger: more than it needs`);
  expect(await run(provision(), 'plan', '--exit-code')).toMatchObject({ code: 0 });
  for (const { out, err } of [first, applied, more, pruned]) expect(out + err).not.toContain(new URL(place.url).password || '\0');
}); // prettier-ignore

test('with --json everything that would be done is one object', async () => {
  const { code, out } = await run(provision("canary: true, login: true"), 'plan', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    drift: true,
    warehouses: [{ warehouse: 'main', steps: [{ change: 'grant', role: place.role.loader, prunes: false, sql: [expect.stringContaining('GRANT CREATE ON DATABASE')] }] }],
  });
}); // prettier-ignore

describe('is refused with 2 and what to do', () => {
  const cases: [title: string, options: () => string, args: string[], ...words: (string | RegExp)[]][] = [
    ['no provision', () => '', ['plan'], 'No warehouse of the configuration has `provision`.', 'ADMIN_DATABASE_URL'],
    ['no provision of the named one', () => '', ['plan', '--warehouse', 'main'], 'InvalidConfig', 'warehouses.main.provision'],
    ['an unknown warehouse', () => provision(), ['apply', '--warehouse', 'mian'], 'Did you mean "main"?'],
    ['a secret that is not there', () => provision().replace('TEST_ADMIN', 'TEST_NOBODY'), ['apply'], 'SecretMissing', 'LOADLINE_TEST_NOBODY'],
    ['a password in the configuration', () => provision().replace("{ env: 'LOADLINE_TEST_ADMIN' }", "'postgres://me:hunter2@host/db'"), ['plan'], 'without a password'],
    ['one role for two', () => provision().replace('loader:', `reader: '${place.role.loader}', loader:`), ['plan'], 'another role than the others'],
    ['the role of the administrator', () => provision().replace(place.role.loader, new URL(place.url).username), ['plan'], 'another role than the one that provisions'],
    ['a server that is away', () => provision().replace("{ env: 'LOADLINE_TEST_ADMIN' }", "'postgres://me@127.0.0.1:1/db'"), ['plan', '--exit-code'], 'WarehouseUnreachable'],
  ]; // prettier-ignore
  test.each(cases)('%s', async (_title, options, args, ...words) => {
    const { code, out, err } = await run(options(), ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    for (const word of words) expect(err).toMatch(word instanceof RegExp ? word : new RegExp(escaped(word)));
    expect(err).not.toContain('hunter2');
  });
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
