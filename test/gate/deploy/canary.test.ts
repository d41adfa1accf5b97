import { openFleet, type Fleet } from './support/fleet';
import type { DeployResult } from '../../../client';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet('canary', { canary: { workflow: 'orders', input: 'fixture.csv' } });
  await fleet.file('fixture.csv', 'id,amount\n1,1\n2,2\n3,3\n');
  await fleet.worker('v1');
  expect(await fleet.deploy('v1')).toMatchObject({ outcome: 'promoted' });
});
afterAll(() => fleet.stop());

const canaryOf = ({ phases }: DeployResult): string | undefined => phases.find(({ phase }) => phase === 'canary')?.text;

/** Everything that the database holds, but for canaries: tables, and how many rows they have. */
async function realTables(): Promise<string[]> {
  const tables = await fleet.rows<{ name: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const counts: string[] = [];
  for (const { name } of tables) {
    const [found] = await fleet.rows<{ n: string }>(`SELECT count(*) AS n FROM ${name}`);
    counts.push(`${name} ${found?.n}`);
  }
  return counts;
}

test("the canary of a user's own workflow touches no real table and no real ledger, and leaves nothing", async () => {
  expect(await realTables()).toEqual([]);
  await fleet.rows('create table orders (id text primary key, amount integer)');
  await fleet.rows("insert into orders values ('1', 100)");
  expect(await (await fleet.start('orders', ['fixture.csv'])).result()).toMatchObject({ outcome: 'loaded' });
  await fleet.rows('update orders set amount = 100');
  const before = await realTables();
  expect(before).toContain('public.orders 3');
  await fleet.worker('v2', 'children');
  // The loads of this build are children whose ids say nothing of a canary.
  const result = await fleet.deploy('v2', { ramp: [] }, 'children');
  expect(canaryOf(result)).toBe('Loaded twice on v2: 3 rows in 1 scratch table, the second time unchanged.');
  expect(await realTables()).toEqual(before);
  expect(await fleet.rows('select distinct amount from orders')).toEqual([{ amount: 100 }]);
  expect(await fleet.rows("select nspname from pg_namespace where nspname like '%canary%'")).toEqual([]);
});

test('a build whose second run loads again does not pass, and no run goes to it', async () => {
  await fleet.worker('doubling', 'doubling');
  const before = await fleet.routing();
  const result = await fleet.deploy('doubling', {}, 'doubling');
  expect(result.outcome).toBe('failed');
  expect(canaryOf(result)).toMatch(/^In the second run \S+ is loaded instead of already-loaded\.$/);
  expect(await fleet.routing()).toBe(before);
});

test('a build whose code fails does not pass, says why, and leaves nothing', async () => {
  await fleet.worker('stuck', 'stuck');
  const before = await fleet.routing();
  const result = await fleet.deploy('stuck', {}, 'stuck');
  expect(result.outcome).toBe('failed');
  expect(canaryOf(result)).toBe('The code of orders fails: no such thing');
  expect(await fleet.routing()).toBe(before);
  expect(await fleet.rows("select nspname from pg_namespace where nspname like '%canary%'")).toEqual([]);
});

test('a canary that fails while its build is ramped takes the ramp back to 0', async () => {
  await fleet.worker('ramped', 'doubling');
  // From then on the server knows the build.
  expect(await fleet.deploy('ramped', {}, 'doubling')).toMatchObject({ outcome: 'failed' });
  const { workflowService } = fleet.client;
  const request = { namespace: 'default', deploymentName: fleet.deployment, buildId: 'ramped', percentage: 10 };
  await workflowService.setWorkerDeploymentRampingVersion(request);
  expect(await fleet.routing()).toMatch(/ramped@10/);
  const result = await fleet.deploy('ramped', {}, 'doubling');
  expect(result.outcome).toBe('failed');
  expect(canaryOf(result)).toMatch(/the ramp is back at 0\.$/);
  expect(await fleet.routing()).not.toMatch(/@/);
});
