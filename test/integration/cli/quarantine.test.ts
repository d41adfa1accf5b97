import { mergeOrders, openProject, type CliProject } from './support/cli-project';
import type { QuarantineDetails, QuarantineSummary } from '../../../activities/warehouses/quarantine';
import { loadErrorOf } from '../../../workflows/load-error';
import type { LoadReceipt } from '../../../workflows/contract';
import type { Program } from './support/program';

let project: CliProject;
let worker: Program;
/** Loads a file of orders, of which some are bad. */
async function load(day: string, ...rows: string[]): Promise<LoadReceipt> {
  await project.file(`data/${day}.csv`, ['id,amount', ...rows, ''].join('\n'));
  return project.json('run', ...mergeOrders(`${day}.csv`, '--day', day));
}
const orders = async (): Promise<string> =>
  (await project.db.query<{ t: string }>(`select string_agg(id || ':' || amount, ' ' order by id) t from orders`))
    .rows[0]!.t;
const signed = ['--by', 'ann', '--reason', 'asked the shop'];

beforeAll(async () => {
  project = await openProject('cli-quarantine');
  await project.file(
    'contracts.yml',
    [
      'name: orders',
      'table: main/public.orders',
      'columns:',
      '  id: { type: text }',
      '  amount: { type: "decimal(12,2)", range: { min: 0 }, severity: quarantine }',
      'key: [id]',
      'create: if-missing',
      '',
    ].join('\n'),
  );
  worker = await project.worker();
});
afterAll(() => project.close());

describe('without rows that were set aside', () => {
  test('says so', async () => {
    expect((await project.run('quarantine', 'list')).out).toBe('No rows are set aside.\n');
    expect(await project.run('quarantine', 'show', 'nothing')).toMatchObject({
      code: 1,
      err: expect.stringContaining('✗ LoadNotFound'),
    });
  });
});

describe('a load with bad rows', () => {
  let first: LoadReceipt;
  beforeAll(async () => {
    first = await load('2026-11-01', 'good,1', 'bad-one,-4711.11', 'bad-two,-4711.22');
  });

  test('is listed with its reasons, by table, contract and load', async () => {
    const { out } = await project.run('quarantine', 'list');
    expect(out).toMatch(new RegExp(`^load id .*\\n${first.loadId} .*public\\.orders +2 open +.*amount.*: 2`));
    for (const filter of [
      ['--contract', 'orders'],
      ['--table', 'public.orders'],
      ['--load', first.loadKey],
      ['--reason', 'AMOUNT'],
    ])
      expect(await project.json<{ quarantined: QuarantineSummary[] }>('quarantine', 'list', ...filter)).toMatchObject({
        quarantined: [{ loadId: first.loadId, open: 2 }],
      });
    expect(await project.json('quarantine', 'list', '--reason', 'pattern')).toEqual({ quarantined: [] });
    expect(await project.run('quarantine', 'list', '--contract', 'order')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean'),
    });
  });

  test('shows its rows and their values only with --values', async () => {
    const plain = await project.run('quarantine', 'show', first.loadId);
    expect(plain.out).toMatch(/^rows +2 rows\n^columns +id, amount\n/m);
    const asJson = await project.run('quarantine', 'show', first.loadId, '--json');
    for (const { out, err } of [plain, asJson]) expect(out + err).not.toMatch(/4711|bad-/);
    const { out } = await project.run('quarantine', 'show', first.loadKey, '--values', '--limit', '1');
    expect(out).toMatch(/^rows +1 of 2 rows/m);
    expect(out).toMatch(/amount +-4711\.\d\d\n/);
  });

  test('refuses a file that is none of its rows, by line and without a value', async () => {
    for (const [content, expected] of [
      ['{"id": "bad-one"}\n', /InvalidRequest .*line 1.*_loadline_row/s],
      ['{"_loadline_row": "a"}\n{"_loadline_row": "a"}\n', /InvalidRequest .*line 2/s],
      [
        '{"_loadline_row": "0000000000000000-1", "id": "bad-one"}\n',
        /InvalidRequest .*none that the load has set aside/s,
      ],
      ['id,amount\n', /MalformedJson .*line 1/s],
      ['\n', /Usage .*has no row/s],
    ] as const) {
      await project.file('repaired.ndjson', content);
      const { code, err } = await project.run('quarantine', 'retry', first.loadId, '--file', 'repaired.ndjson');
      expect(code).not.toBe(0);
      expect(err).toMatch(expected);
      expect(err).not.toContain('bad-one');
    }
    expect(await project.run('quarantine', 'retry', first.loadId, '--file', 'none.ndjson')).toMatchObject({ code: 2 });
  });

  test('is exported, repaired and retried, by two people at once, and its rows come once', async () => {
    const { code, out, err } = await project.run('quarantine', 'export', first.loadId);
    expect({ code, err }).toEqual({ code: 0, err: '✓ exported 2 rows\n' });
    const lines = out.trim().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual(
      Array(2).fill(['_loadline_row', '_loadline_reasons', 'id', 'amount']),
    );
    await project.file('repaired.ndjson', out.replaceAll('-4711', '4711'));
    const retry = ['quarantine', 'retry', first.loadId, '--file', 'repaired.ndjson', ...signed];
    const both = await Promise.all([project.json<LoadReceipt>(...retry), project.json<LoadReceipt>(...retry)]);
    expect(both[0]).toMatchObject({ loadId: both[1].loadId, tables: [{ read: 2, inserted: 2 }] });
    expect(await orders()).toBe('bad-one:4711.11 bad-two:4711.22 good:1.00');
    const again = await project.run(...retry);
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^✓ already loaded/) });
    expect((await project.run('quarantine', 'list')).out).toBe('No rows are set aside.\n');
    expect((await project.run('quarantine', 'list', '--all')).out).toContain('2 repaired');
    expect((await project.run('quarantine', 'show', first.loadId, '--all')).out).toContain(
      `by load ${both[0].loadId}, ann: asked the shop`,
    );
  });

  test('says when there is nothing left to retry', async () => {
    expect(await project.run('quarantine', 'retry', first.loadId)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^✓ already loaded/),
    });
  });

  test('is known to a workflow that an operator starts by hand', async () => {
    const second = await load('2026-11-02', 'worse,-5');
    const handle = await project.client.workflow.start('retryQuarantine', {
      taskQueue: project.taskQueue,
      workflowId: 'by-hand',
      args: [{ load: second.loadId, by: 'ann', reason: 'once more' }],
    });
    expect(await handle.result()).toMatchObject({ tables: [{ quarantined: 1 }] });
    const wrong = await project.client.workflow.start('retryQuarantine', {
      taskQueue: project.taskQueue,
      workflowId: 'by-wrong-hand',
      args: [{ load: second.loadId, by: 'ann', reson: 'once more' }],
    });
    const failure = await wrong.result().catch((error: unknown) => loadErrorOf(error));
    expect(failure).toMatchObject({ type: 'InvalidRequest', message: expect.stringContaining('reson') });
  });
});

describe('discard', () => {
  test('wants a reason and a yes, and takes the rows off the list', async () => {
    const { loadId } = await load('2026-11-03', 'lost,-6', 'also-lost,-7');
    expect(await project.run('quarantine', 'discard', loadId, '--yes')).toMatchObject({ code: 2 });
    expect(await project.run('quarantine', 'discard', loadId, ...signed)).toMatchObject({ code: 2 });
    const { code, out } = await project.run('quarantine', 'discard', loadId, ...signed, '--yes');
    expect({ code, out }).toEqual({ code: 0, out: `✓ discarded  2 rows of ${loadId}\n` });
    const shown = await project.json<QuarantineDetails>('quarantine', 'show', loadId, '--all');
    expect(shown.rows.map((r) => [r.state, r.decision?.by])).toEqual(Array(2).fill(['discarded', 'ann']));
    expect(await project.run('quarantine', 'retry', loadId)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^✗ NotRetryable .*no open row/ms),
    });
  });
});

describe('a worker that is killed', () => {
  test('between the publish and its answer has loaded the rows, and the next one says so', async () => {
    const first = await load('2026-11-04', 'late,-8');
    await project
      .run('quarantine', 'export', first.loadId)
      .then(({ out }) => project.file('late.ndjson', out.replace('-8', '8')));
    // The commit of the publish is done when a decision can be seen, and its answer waits for the dropped stage.
    await project.db.query(`create function wait_here() returns event_trigger language plpgsql as $$ begin
        if exists (select 1 from pg_event_trigger_dropped_objects() where schema_name = '_loadline_stage') then perform pg_advisory_xact_lock(4712); end if; end $$;
      create event trigger wait_here on sql_drop execute function wait_here()`);
    await project.db.query('select pg_advisory_lock(4712)');
    const retry = project.start('quarantine', 'retry', first.loadId, '--file', 'late.ndjson', ...signed, '--json');
    const decided = `select 1 from _loadline.quarantine_decisions where load_id = '${first.loadId}'`;
    while ((await project.db.query(decided)).rowCount === 0);
    worker.child.kill('SIGKILL');
    await worker.ended;
    await project.db.query('drop event trigger wait_here');
    await project.db.query('select pg_advisory_unlock_all()');
    worker = await project.worker();
    const { code, out } = await retry.ended;
    expect({ code, receipt: JSON.parse(out) as unknown }).toMatchObject({
      code: 0,
      receipt: { tables: [{ read: 1, inserted: 1 }] },
    });
    expect((await project.db.query(decided)).rowCount).toBe(1);
    expect((await project.db.query(`select amount from orders where id = 'late'`)).rows).toEqual([{ amount: '8.00' }]);
  }, 180_000);
});
