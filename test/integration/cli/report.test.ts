import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openProject, type CliProject } from './support/cli-project';
import type { LoadReport } from '../../../cli/load-report/load-report';
import type { LoadReceipt } from '../../../workflows/contract';

let project: CliProject;
const read = (file: string): Promise<string> => readFile(join(project.folder, file), 'utf8');
/** Loads a file of orders; resolves to the load key. */
async function load(day: string, code: number, ...rows: string[]): Promise<string> {
  await project.file(`data/${day}.csv`, ['id,amount,state,card,at', ...rows, ''].join('\n'));
  const ran = await project.run('run', '--load', 'orders', '--mode', 'append', '--from', `raw:${day}.csv`, '--day', day, '--json'); // prettier-ignore
  expect(ran).toMatchObject({ code });
  const told = JSON.parse(ran.out) as { loadKey?: string; held?: { loadKey: string }[] };
  return told.loadKey ?? told.held![0]!.loadKey;
}
async function data(asked: string): Promise<LoadReport> {
  const { code, out } = await project.run('loads', 'report', asked, '--json');
  expect(code).toBe(0);
  return JSON.parse(out) as LoadReport;
}
const good = (id: string, at: string): string => `${id},1.25,open,4000-secret-card,${at}T10:00:00Z`;

beforeAll(async () => {
  project = await openProject('cli-report');
  await project.file(
    'contracts.yml',
    [
      'name: orders',
      'table: main/public.orders',
      'columns:',
      '  id: { type: text }',
      '  amount: { type: "decimal(12,2)", range: { min: 0 }, severity: quarantine, reason: refunds are elsewhere }',
      '  state: { type: text, accepted: [open, paid], severity: warn }',
      '  card: { type: text, masked: true }',
      '  at: { type: timestamptz, notNull: true }',
      'create: if-missing',
      '',
    ].join('\n'),
  );
  await project.worker();
});
afterAll(() => project.close());

test('a load with rows set aside and warnings has a page and Markdown, with what was before it and without values', async () => {
  await load('2026-11-01', 0, good('order-a1', '2026-11-01'));
  const key = await load('2026-11-02', 0, good('order-a2', '2026-11-02'), 'order-a3,-987.65,open,4000-secret-card,2026-11-02T11:00:00Z', 'order-a4,2.50,lost-state,4000-secret-card,2026-11-02T12:00:00Z'); // prettier-ignore
  await load('2026-11-03', 0, good('order-a5', '2026-11-03'));
  const { code, out } = await project.run('loads', 'report', key);
  const told = await data(key);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`written   loadline-report/${told.loadId}.html\n`) as string }); // prettier-ignore
  expect(told).toMatchObject({
    state: 'loaded',
    loadKey: key,
    interval: { start: '2026-11-02T00:00:00.000Z' },
    tables: [
      {
        mode: 'append',
        counts: { read: 3, inserted: 2, quarantined: 1 },
        quarantine: { open: 1, reasons: [{ reason: 'range of amount', rows: 1 }] },
        trend: [{ current: false, rows: 1 }, { current: true, rows: 3, quarantined: 1 }],
      },
    ],
  }); // prettier-ignore
  const [{ checks, columns }] = told.tables as [LoadReport['tables'][0]];
  expect(checks.map(({ id, verdict }) => `${id}: ${verdict}`)).toEqual(expect.arrayContaining(['amount.range: quarantine', 'state.accepted: warn', 'at.notNull: pass'])); // prettier-ignore
  expect(columns.map(({ name, span }) => [name, span?.max])).toEqual([['id', undefined], ['amount', '2.50'], ['state', undefined], ['at', '2026-11-02 12:00:00+00']]); // prettier-ignore
  const both = await project.run('loads', 'report', told.loadId!, '--report', 'markdown=told/here.md', '--report', 'html', '--output', 'pages'); // prettier-ignore
  expect(both).toMatchObject({ code: 0, out: expect.stringContaining('told/here.md') });
  const [page, markdown] = [await read(`pages/${told.loadId}.html`), await read('told/here.md')];
  expect(page.replace(/ on 20\S+ \S+ UTC\. No/, '')).toBe((await read(`loadline-report/${told.loadId}.html`)).replace(/ on 20\S+ \S+ UTC\. No/, '')); // prettier-ignore
  expect(markdown).toContain('| quarantined | 1 | 33.3 % | set aside with a reason |');
  for (const text of [page, markdown, JSON.stringify(told)]) expect(text).not.toMatch(/secret|lost-state|order-a/);
});

test('a held load is reported before its verdict, and as what the verdict made of it after', async () => {
  const key = await load('2026-11-04', 3, good('b1', '2026-11-04'), 'b2,1,open,4000-secret-card,');
  expect(await data(key)).toMatchObject({
    state: 'held',
    held: { then: 'reject', choices: ['quarantine', 'reject'], notOffered: [expect.stringContaining("would not take a release: ConstraintViolated")] },
    tables: [{ rows: 2, onlyFailed: true, checks: [{ id: 'at.notNull', verdict: 'fail' }], trend: [{}, {}, {}, { current: true, rows: 2 }] }],
  }); // prettier-ignore
  const { out } = await project.run('loads', 'report', key);
  const [, file] = /written +(\S+\.html)/.exec(out)!;
  expect(await read(file!)).toContain(`loadline held quarantine &#39;${key}&#39; --reason &#39;why&#39;`);
  const given = ['--reason', 'wrong file', '--by', 'ann'];
  expect((await project.run('held', 'reject', key, ...given)).code).toBe(0);
  const { loadId } = (await project.client.workflow.getHandle(key).result()) as LoadReceipt;
  for (const asked of [key, loadId])
    expect(await data(asked)).toMatchObject({
      state: 'rejected',
      loadId,
      verdict: { verdict: 'reject', by: 'ann', reason: 'wrong file' },
      tables: [{ checks: [{ id: 'at.notNull', verdict: 'fail' }], columns: [] }],
    });
});

test('a load that was rolled back is reported as it was, with who took it back and why', async () => {
  const key = await load('2026-11-05', 0, good('c1', '2026-11-05'));
  const before = await data(key);
  expect((await project.run('loads', 'rollback', key, '--by', 'ann', '--reason', 'twice', '--yes')).code).toBe(0);
  const told = await data(before.loadId!);
  expect(told).toMatchObject({
    state: 'rolled-back',
    rolledBack: { by: 'ann', reason: 'twice', tables: [{ deleted: 1 }] },
  });
  expect(told.tables[0]!.columns).toEqual(before.tables[0]!.columns);
});

test('a load that was done by hand is reported with who recorded it and why, and nothing that nobody knows', async () => {
  const adopt = ['loads', 'adopt', '--load', 'orders', '--mode', 'append', '--day', '2026-11-06', '--by', 'ann', '--reason', 'by hand', '--yes']; // prettier-ignore
  const { loadKey } = JSON.parse((await project.run(...adopt, '--json')).out) as LoadReceipt;
  const told = await data(loadKey);
  expect(told).toMatchObject({ state: 'adopted', adopted: { by: 'ann', reason: 'by hand' }, tables: [{ checks: [], columns: [] }] }); // prettier-ignore
  expect(told.tables[0]).not.toHaveProperty('counts');
  expect((await project.run('loads', 'report', loadKey, '--report', 'markdown=adopted.md')).code).toBe(0);
  expect(await read('adopted.md')).toMatch(/^## ℹ️ orders: adopted\n\n> It was loaded by hand.*> By ann: by hand/s);
});

test('what is not there, and a report that nobody makes, is told', async () => {
  expect(await project.run('loads', 'report', 'nothing')).toMatchObject({ code: 1, err: expect.stringContaining('✗ LoadNotFound') }); // prettier-ignore
  const wrong = await project.run('loads', 'report', 'nothing', '--report', 'pdf');
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('Say html, markdown, or with a path, such as html=path/to/file.') }); // prettier-ignore
});
