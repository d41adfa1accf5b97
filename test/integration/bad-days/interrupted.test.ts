import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, services } from '../../services/services';
import type { LoadReceipt } from '../../../workflows/contract';
import { commitGate, makeGate, publishGate, stageGate, type Gate } from '../support/gate';
import { fetchHistory, stepsOf, textOf } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { expectBalanced } from '../support/receipts';
import { raw } from '../support/source';
import { ask, shown } from './support/healing';
import { networkTo, type Network } from './support/proxy';

jest.setTimeout(120_000);
const marker = 'S3CRET-VALUE';
const password = 'hunter2-hunter2';
const role = `rotated_${randomBytes(4).toString('hex')}`;
const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;

let network: Network;
let rotating: Network;
let lab: Lab;
let gate: Gate;
beforeAll(async () => {
  const url = await createDatabase('interrupted');
  await ask(url, `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD '${password}'`);
  const rotated = new URL(url);
  [rotated.username, rotated.password] = [role, password];
  [network, rotating] = await Promise.all([networkTo(url), networkTo(rotated.href)]);
  const warehouses = { far: network.url, rotating: rotating.url };
  // Silence is noticed soon.
  lab = await openLab('interrupted', { url, warehouses, tune: { frozenTimeoutMs: 1_000, claimLeaseMs: 3_000 } });
  gate = await makeGate(lab);
});
afterAll(async () => {
  await gate.end();
  await lab.stop();
  await Promise.all([network.close(), rotating.close()]);
  await ask(services().databaseUrl, `DROP ROLE ${role}`);
});

const content = async (name: string) =>
  lab.rows(`SELECT count(*)::int AS n, count(DISTINCT id)::int AS ids FROM ${name}`);
const ledger = async (name: string) => (await lab.rows(`SELECT 1 FROM _loadline.ledger WHERE load_key LIKE 'v1/${name}/%'`)).length; // prettier-ignore

async function started(name: string, warehouse = 'far', rows = 3) {
  const into = lab.contract({ name, table: `${warehouse}/public.${name}`, columns });
  await lab.file(`${name}/a.csv`, `id,name\n${Array.from({ length: rows }, (_, i) => `${i},${marker}\n`).join('')}`);
  return lab.start('loadTable', [{ pipeline: name, into, mode: 'append', from: raw(`${name}/*.csv`) }]);
}

async function expectComplete(name: string, handle: Awaited<ReturnType<typeof started>>, rows = 3): Promise<void> {
  expect(expectBalanced((await handle.result()) as LoadReceipt).outcome).toBe('loaded');
  expect(await content(name)).toEqual([{ n: rows, ids: rows }]);
  expect(await ledger(name)).toBe(1);
  const kept = textOf(await fetchHistory(lab.client, handle.workflowId));
  for (const secret of [marker, password]) expect(kept).not.toContain(secret);
}

const moments = [
  ['stage', stageGate],
  ['publish', publishGate],
  ['commit', commitGate],
] as const;

describe.each(moments)('in the middle of %s', (moment, table) => {
  const rows = 3;
  test('a connection that is cut is made again, and the load is complete', async () => {
    const name = `cut_${moment}`;
    await lab.rows(table(name));
    await gate.close();
    const handle = await started(name);
    await gate.waiting();
    network.cut();
    await sleep(100);
    await gate.open();
    await expectComplete(name, handle, rows);
  });

  test('a network that swallows everything is given up, and the load is complete', async () => {
    const name = `swallowed_${moment}`;
    await lab.rows(table(name));
    await gate.close();
    const handle = await started(name);
    await gate.waiting();
    // The answer will be said into nothing, on a connection that never ends.
    network.swallow();
    await gate.open();
    const failure = await shown(handle);
    expect(failure.code).toBe(moment === 'commit' ? 'CommitOutcomeUnknown' : 'SessionLost');
    await expectComplete(name, handle, rows);
  });
});

test('a network that swallows a COPY half-way is given up', async () => {
  const name = 'half_copy';
  await lab.rows(`CREATE TABLE ${name} (id integer, name text)`);
  const before = network.sent();
  const handle = await started(name, 'far', 2_000_000);
  // In the middle of its 40 MB.
  while (network.sent() - before < 3_000_000) await sleep(5);
  network.swallow();
  expect((await shown(handle)).code).toBe('SessionLost');
  await expectComplete(name, handle, 2_000_000);
});

test('a database that cannot be reached by anybody is waited for', async () => {
  const name = 'no_way';
  await lab.rows(publishGate(name));
  await gate.close();
  const handle = await started(name);
  await gate.waiting();
  network.swallowAll();
  await gate.open();
  expect((await shown(handle)).code).toMatch(/SessionLost|WarehouseUnreachable/);
  network.heal();
  network.cut();
  await expectComplete(name, handle);
});

test('a statement that takes its time while nothing is said is not given up', async () => {
  const name = 'patient';
  await lab.rows(publishGate(name));
  await gate.close();
  const handle = await started(name);
  await gate.waiting();
  await sleep(6_000);
  expect((await handle.describe()).raw.pendingActivities?.[0]).toMatchObject({ attempt: 1, lastFailure: null });
  await gate.open();
  await expectComplete(name, handle);
});

test('a password that is changed while the answer to COMMIT is lost is waited for, and the load says that it loaded', async () => {
  const name = 'rotated';
  await lab.rows(commitGate(name));
  await gate.close();
  const handle = await started(name, 'rotating');
  await gate.waiting();
  await lab.rows(`ALTER ROLE ${role} PASSWORD 'another'`);
  rotating.cut();
  await gate.open();
  const settling = async (): Promise<string> => {
    for (;;) {
      const failure = await shown(handle);
      if (failure.activity === 'loadline.settle') return failure.code;
      await sleep(100);
    }
  };
  expect(await settling()).toBe('CredentialsRejected');
  await lab.rows(`ALTER ROLE ${role} PASSWORD '${password}'`);
  await expectComplete(name, handle);
  expect(stepsOf(await fetchHistory(lab.client, handle.workflowId))).toMatch(/publish discard settle$/);
});
