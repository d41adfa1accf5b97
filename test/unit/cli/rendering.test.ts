import { renderReceipt, receiptsIn } from '../../../cli/output';
import { errorFacts, renderError } from '../../../cli/print-error';
import { exitCodeOfError, exitCodeOfReceipts } from '../../../cli/exit-code';
import { bytes, elapsed } from '../../../cli/format';
import { masked } from '../../../cli/dev-screen';
import { uiLink } from '../../../cli/ui-link';
import { renderPlan } from '../../../cli/commands/plan';
import { loadFailure } from '../../../workflows/load-error';
import { plain } from './streams';
import type { LoadReceipt } from '../../../workflows/contract';

const receipt: LoadReceipt = {
  outcome: 'loaded',
  loadId: 'L1',
  loadKey: 'v1/orders/shop.public.orders/2026-11-22..2026-11-23',
  pipeline: 'orders',
  generation: 1,
  fence: 3,
  protocol: 1,
  reversible: true,
  tables: [
    {
      table: 'shop.public.orders',
      mode: 'merge',
      read: 1_234_567,
      duplicates: 0,
      quarantined: 67,
      inserted: 1_000_000,
      updated: 234_500,
      unchanged: 0,
      stale: 0,
      deleted: 0,
      removed: 0,
    },
  ],
  batch: { sha256: 'ab', files: 3, filesSkipped: 1, bytes: 123_456_789 },
  publishedAt: '2026-11-22T05:00:00.000Z',
  workflowId: 'w',
  runId: 'r',
  buildId: 'b',
  warnings: [{ code: 'RowsQuarantined', message: '67 rows were set aside.' }],
};

test('a receipt is read at a glance: outcome, counts that matter, key, speed', () => {
  expect(plain(renderReceipt(receipt, { elapsedMs: 12_345 }))).toMatchInlineSnapshot(`
   "✓ loaded  orders → shop.public.orders

     1,234,567  rows read, by merge
     1,000,000  inserted
       234,500  updated
             0  unchanged
            67  quarantined

     took       12.3 s, 100,005 rows/s, 10.0 MB/s
     batch      3 files, 123.5 MB, 1 file loaded before
     published  2026-11-22 05:00:00 UTC
     load key   v1/orders/shop.public.orders/2026-11-22..2026-11-23
     load id    L1
     workflow   w
     report     loadline loads report L1

   ! RowsQuarantined  67 rows were set aside."
  `);
});

test('a receipt tells what a warehouse has estimated to read', () => {
  const shown = plain(renderReceipt({ ...receipt, cost: { estimatedBytes: 12_345_678 } }));
  expect(shown).toMatch(/^ {2}cost +12\.3 MB to read, as estimated$/m);
});

test('a workflow returns a receipt, a list of them, or something else', () => {
  expect(receiptsIn(receipt)).toEqual([receipt]);
  expect(receiptsIn([receipt, receipt])).toHaveLength(2);
  for (const other of [undefined, null, 7, [], { outcome: 'loaded' }, [receipt, 1]])
    expect(receiptsIn(other)).toEqual([]);
});

test('an error is told in order: code and sentence, object, expected and got, and last what to do', () => {
  const failure = loadFailure('BatchChanged', {
    object: 'orders.csv',
    expected: 'sha256 ab',
    got: 'sha256 cd',
    loadKey: 'v1/k',
  });
  expect(plain(renderError(errorFacts(failure)))).toMatchInlineSnapshot(`
   "✗ BatchChanged  The load key is applied, and the source now holds other content.
     on        orders.csv
     expected  sha256 ab
     got       sha256 cd
     load key  v1/k
     more      loadline explain BatchChanged
   → Set onChanged: 'reprocess' to replace it, or load the new content under a key of its own."
  `);
});

test('a failure is found under the layers that Temporal wraps around it', () => {
  const cause = new Error('Activity task failed', { cause: loadFailure('Rejected', { object: 'orders' }) });
  expect(errorFacts(new Error('Workflow execution failed', { cause })).code).toBe('Rejected');
});

test('an error of somebody else keeps its innermost message and has a remedy', () => {
  const facts = errorFacts(new Error('outer', { cause: new Error('inner\nsecond line') }));
  expect(facts).toMatchObject({ code: 'Unexpected', what: 'inner' });
  expect(facts.remedy).toContain('--verbose');
});

test('exit codes tell wrong use, failure and rejection apart', () => {
  expect(
    ['Usage', 'InvalidRequest', 'UnknownStore', 'InvalidConfig', 'Rejected', 'Unexpected'].map(exitCodeOfError),
  ).toEqual([2, 2, 2, 1, 4, 1]);
  expect(exitCodeOfReceipts([{ outcome: 'loaded' }, { outcome: 'rejected' }])).toBe(4);
  expect(exitCodeOfReceipts([{ outcome: 'nothing-to-load' }])).toBe(0);
});

test('sizes and times are in words', () => {
  expect([bytes(999), bytes(1500), bytes(2.5e9)]).toEqual(['999 B', '1.5 kB', '2.5 GB']);
  expect([elapsed(850), elapsed(12_345), elapsed(245_000), elapsed(7_380_000), elapsed(3_600_000)]).toEqual([
    '850 ms',
    '12.3 s',
    '4 min 5 s',
    '2 h 3 min',
    '1 h',
  ]);
});

test('a database URL is shown without its password', () => {
  expect(masked('postgres://me:secret@localhost:5432/shop')).toBe('postgres://me:•••@localhost:5432/shop');
  expect(masked('postgres://me@localhost/shop?sslmode=disable')).toBe('postgres://me@localhost/shop');
  expect(masked('postgres://me:secret@/shop')).not.toContain('secret');
});

test('the link to the Temporal UI is known for a local server and for the cloud', () => {
  const of = (address: string) => uiLink({ address, namespace: 'default', workflowId: 'v1/a b', runId: 'r' });
  expect(of('localhost:7233')).toBe('http://localhost:8233/namespaces/default/workflows/v1%2Fa%20b/r');
  expect(of('acme.tmprl.cloud:7233')).toMatch(/^https:\/\/cloud\.temporal\.io\//);
  expect(of('temporal.internal:7233')).toBeUndefined();
});

test('a plan shows what would happen, of what, and by which statements', () => {
  const files = Array.from({ length: 7 }, (_, i) => ({ path: `orders/${i}.csv`, bytes: 1000 }));
  const targets = [
    {
      target: 'shop.public.orders',
      exists: false,
      mode: 'merge' as const,
      sql: ['MERGE INTO orders\nUSING stage'],
      hints: ['An index would help.'],
    },
  ];
  const plan = {
    loadKey: 'v1/k',
    identity: 'files' as const,
    outcome: 'would-load' as const,
    reason: 'Nothing is applied.',
    files,
    targets,
  };
  expect(plain(renderPlan(plan))).toMatchInlineSnapshot(`
   "✓ would load  Nothing is applied.
     load key  v1/k
     files     7 files, 7.0 kB
       orders/0.csv  1.0 kB
       orders/1.csv  1.0 kB
       orders/2.csv  1.0 kB
       orders/3.csv  1.0 kB
       orders/4.csv  1.0 kB
       … and 2 others

     shop.public.orders  merge, would be created

       MERGE INTO orders
         USING stage

       ! An index would help."
  `);
});

test('several tables are one table of counts where it fits, else one below the other', () => {
  const [table] = receipt.tables;
  const set = { ...receipt, warnings: [], tables: [table!, { ...table!, table: 'shop.public.lines', quarantined: 0 }] };
  expect(plain(renderReceipt(set, {}, 120)).split('\n\n')[1]).toMatchInlineSnapshot(`
   "                                  read   inserted  updated  unchanged  quarantined
     shop.public.orders  merge  1,234,567  1,000,000  234,500          0           67
     shop.public.lines   merge  1,234,567  1,000,000  234,500          0            0"
  `);
  expect(plain(renderReceipt(set, {}, 60)).split('\n\n')[1]).toMatchInlineSnapshot(`
   "  shop.public.orders
     1,234,567  rows read, by merge
     1,000,000  inserted
       234,500  updated
             0  unchanged
            67  quarantined
     shop.public.lines
     1,234,567  rows read, by merge
     1,000,000  inserted
       234,500  updated
             0  unchanged"
  `);
});

test('each outcome has its own look, and what happened another time is not shown as news', () => {
  const heads = (['loaded', 'already-loaded', 'nothing-to-load', 'rejected'] as const).map(
    (outcome) => plain(renderReceipt({ ...receipt, outcome })).split('\n\n')[0],
  );
  expect(heads).toMatchInlineSnapshot(`
   [
     "✓ loaded  orders → shop.public.orders",
     "✓ already loaded  orders → shop.public.orders
     This content is in the table: nothing was changed. The receipt is that of the first time.",
     "✓ nothing to load  orders → shop.public.orders
     The source holds no row that is not loaded.",
     "✗ rejected  orders → shop.public.orders
     Nothing was published.",
   ]
  `);
  const again = renderReceipt({ ...receipt, outcome: 'already-loaded' }).split('\n\n')[1]!;
  expect(again).not.toContain('\u001b[32m');
  expect(renderReceipt(receipt).split('\n\n')[1]).toContain('\u001b[32m');
});
