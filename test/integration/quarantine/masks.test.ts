import { inspect } from 'node:util';
import { fetchHistory, textOf } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { raw } from '../support/source';
import { amount, deskOf, refusal, signed, type Desk } from './support';

let lab: Lab;
let desk: Desk;
beforeAll(async () => {
  lab = await openLab('masks');
  desk = deskOf(lab);
});
afterAll(() => lab.stop());

const secret = 'ann@secret.example';
const columns = {
  id: { type: 'bigint' },
  amount,
  'the "mail"': { type: 'text', from: 'mail', masked: true },
} as const;

/** Every row of the ledger's tables, as text. */
async function ledgerText(): Promise<string> {
  const tables = await lab.rows<{ t: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS t FROM pg_tables WHERE schemaname = '_loadline'`,
  );
  const all: unknown[] = [];
  for (const { t } of tables) all.push(await lab.rows(`SELECT x::text AS row FROM ${t} x`));
  return JSON.stringify(all);
}

test('the value of a masked column is in no table of the ledger, no history and no log', async () => {
  const into = lab.contract({ name: 'masked', columns, create: 'if-missing' });
  await lab.file('masked/1.csv', `id,amount,mail\n1,-1,${secret}\n2,-2,\n3,3,good@example.org\n`);
  const first = await lab.load(
    { pipeline: into, into, mode: 'append', from: raw('masked/1.csv') },
    { workflowId: 'm-1' },
  );
  expect(first.tables[0]).toMatchObject({ inserted: 1, quarantined: 2 });
  const { rows } = await lab.warehouse.quarantine.show(first.loadId, { values: true });
  expect(rows.map((r) => r.masked)).toEqual(Array(2).fill(['the "mail"']));
  expect(rows.map((r) => r.values).sort((a, b) => Number(a!['id']) - Number(b!['id']))).toEqual([
    { id: '1', amount: '-1.00', 'the "mail"': '***' },
    { id: '2', amount: '-2.00', 'the "mail"': null },
  ]);
  expect(await refusal(desk.retry(first.loadId, {}, 'm-2'))).toMatch(/^NotRetryable: 1 rows with a mask/);
  const kept = [
    await ledgerText(),
    textOf(await fetchHistory(lab.client, 'm-1')),
    textOf(await fetchHistory(lab.client, 'm-2')),
    inspect(lab.logs, { depth: 10, maxStringLength: Infinity }),
  ].join('\n');
  expect(kept).toContain('***');
  expect(kept).not.toContain(secret);
});

test('a row without a value to mask is exported and retried, and nobody can put a value there', async () => {
  const into = lab.contract({ name: 'partly', columns, create: 'if-missing' });
  await lab.file('partly/1.csv', `id,amount,mail\n1,-1,${secret}\n2,-2,\n`);
  const first = await lab.load({ pipeline: into, into, mode: 'append', from: raw('partly/1.csv') });
  const exported = await desk.exported(first.loadId);
  expect(exported).toMatchObject([{ id: 2, 'the "mail"': null }]);
  expect(await refusal(desk.repair(first.loadId, () => ({ 'the "mail"': secret })))).toMatch(/^NotRetryable/);
  expect(await ledgerText()).not.toContain(secret);
  const { rows } = await lab.warehouse.quarantine.show(first.loadId, { values: true });
  const { id } = rows.find((r) => r.values!['id'] === '1')!;
  const json = '{"id": 1, "amount": 1}';
  expect(await refusal(lab.warehouse.quarantine.submit(first.loadId, undefined, [{ id, json }]))).toMatch(
    /^NotRetryable/,
  );
  const repair = await desk.repair(first.loadId, () => ({ amount: 2 }));
  expect(await desk.retry(first.loadId, { repair })).toMatchObject({ tables: [{ inserted: 1 }] });
  expect(await lab.warehouse.quarantine.discard(first.loadId, undefined, signed)).toMatchObject({ rows: 1 });
});
