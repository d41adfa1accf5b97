import type { LoadReceipt, LoadRequest } from '../../../workflows/contract';
import { codeOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('rollback-sets');
});
afterAll(() => lab.stop());

const by = { by: 'ann', reason: 'the delivery was wrong' };
const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;
const rows = async (table: string): Promise<string> =>
  (
    await lab.rows<{ r: string }>(
      `SELECT coalesce(string_agg(id || ':' || name, ' ' ORDER BY id), '') AS r FROM ${table}`,
    )
  )[0]!.r;

async function set(name: string, mode: 'replace' | 'merge', date: string, value: string): Promise<LoadReceipt> {
  lab.contract({ name: `${name}_state`, columns, key: ['id'], create: 'if-missing' });
  lab.contract({ name: `${name}_log`, columns, create: 'if-missing' });
  const request = (part: string, how: LoadRequest['mode']) =>
    ({
      pipeline: name,
      into: `${name}_${part}`,
      mode: how,
      from: raw(`${name}/${date}.csv`),
      interval: dayOf(date),
    }) as LoadRequest;
  await lab.file(`${name}/${date}.csv`, `id,name\n1,${value}\n`);
  return lab.run<LoadReceipt>('loadTables', [[request('state', mode), request('log', 'append')]]);
}

test('a set of tables is rolled back as a whole', async () => {
  await set('whole', 'replace', '2026-01-01', 'old');
  const second = await set('whole', 'replace', '2026-01-02', 'new');
  expect([await rows('whole_state'), await rows('whole_log')]).toEqual(['1:new', '1:old 1:new']);
  expect((await lab.warehouse.rollback(second.loadKey, by)).tables.map((t) => [t.deleted, t.restored])).toEqual([
    [1, 0],
    [1, 1],
  ]);
  expect([await rows('whole_state'), await rows('whole_log')]).toEqual(['1:old', '1:old']);
  expect(await codeOf(set('whole', 'replace', '2026-01-02', 'new'))).toBe('RolledBack');
});

test('a set with a table that cannot be rolled back is left as it is', async () => {
  const receipt = await set('mixed', 'merge', '2026-01-01', 'old');
  expect(receipt.reversible).toBe(false);
  expect(await codeOf(lab.warehouse.rollback(receipt.loadKey, by))).toBe('NotReversible');
  expect([await rows('mixed_state'), await rows('mixed_log')]).toEqual(['1:old', '1:old']);
});

test('content without an interval stays closed after a rollback, until it is asked for', async () => {
  const into = lab.contract({ name: 'content', columns, create: 'if-missing' });
  const request = { pipeline: 'content', into, mode: 'replace', from: raw('content/*.csv') } as const;
  await lab.file('content/a.csv', 'id,name\n1,good\n');
  await lab.load(request);
  await lab.file('content/a.csv', 'id,name\n1,bad\n');
  const bad = await lab.load(request);
  await lab.warehouse.rollback(bad.loadId, by);
  expect(await rows('content')).toBe('1:good');
  // A schedule would else bring the same content again at once.
  expect(await codeOf(lab.load(request))).toBe('RolledBack');
  await lab.file('content/a.csv', 'id,name\n1,better\n');
  expect(await lab.load({ ...request, onChanged: 'reprocess' })).toMatchObject({ outcome: 'loaded', generation: 3 });
  await lab.file('content/a.csv', 'id,name\n1,best\n');
  expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', generation: 4 });
});
