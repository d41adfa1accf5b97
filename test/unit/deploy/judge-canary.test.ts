import { objectionTo, type RunHistory, type SeenCanary } from '../../../client/deploy/judge-canary';
import type { CanaryResult } from '../../../workflows/contract';

type Run = CanaryResult['runs'][number];

const table = { table: 'main/orders', rows: 3, sha256: 'a' };
const load = { loadKey: 'k', outcome: 'loaded', buildId: 'v2' } as const;
const run = (name: string, more: Partial<Run>): Run => ({
  workflowId: name,
  runId: name,
  loads: [load],
  tables: [table],
  ...more,
});
const history = (buildId = 'v2', deploymentName = 'orders'): RunHistory => ({
  workflowId: 'w',
  runId: 'r',
  workflowType: 't',
  history: { events: [{ workflowTaskCompletedEventAttributes: { deploymentVersion: { buildId, deploymentName } } }] },
});
const seen = (first: Partial<Run> = {}, second: Partial<Run> = {}, histories = [history()]): SeenCanary => ({
  histories,
  result: {
    runs: [run('first', first), run('second', { loads: [{ ...load, outcome: 'already-loaded' }], ...second })],
  },
});
const judge = (canary: SeenCanary): string | null => objectionTo(canary, 'orders', 'v2');

test('a canary that loaded once, on its build, passes', () => {
  expect(judge(seen())).toBeNull();
});

test.each<[string, SeenCanary, RegExp]>([
  ['that came to no end', { trouble: 'It fails.' }, /^It fails\.$/],
  ['that ran once', { ...seen(), result: { runs: [run('first', {})] } } as SeenCanary, /ran 1 times/],
  ['of another build', seen({}, {}, [history(), history('v1')]), /ran on orders \/ v1/],
  ['of another deployment', seen({}, {}, [history('v2', 'other')]), /ran on other \/ v2/],
  ['whose history names no build', seen({}, {}, [{ ...history(), history: { events: [] } }]), /names no build/],
  ['without a receipt', seen({ loads: [] }), /first run has returned no receipt/],
  [
    'that had nothing to load',
    seen({ loads: [{ ...load, outcome: 'nothing-to-load' }] }),
    /nothing-to-load instead of loaded/,
  ],
  ['that loaded twice', seen({}, { loads: [load] }), /second run k is loaded instead of already-loaded/],
  ['with another key', seen({}, { loads: [{ ...load, loadKey: 'l', outcome: 'already-loaded' }] }), /other load keys/],
  ['whose activities were of another build', seen({ loads: [{ ...load, buildId: 'v1' }] }), /build v1 has loaded k/],
  ['that left nothing', seen({ tables: [{ ...table, rows: 0 }] }), /hold no row/],
  ['with more rows after it', seen({}, { tables: [{ ...table, rows: 6 }] }), /3 rows after the first run and 6/],
  ['with other rows after it', seen({}, { tables: [{ ...table, sha256: 'b' }] }), /has changed rows of main\/orders/],
  ['with another table after it', seen({}, { tables: [table, { ...table, table: 'main/x' }] }), /has made main\/x/],
  ['without its table', seen({}, { tables: [] }), /main\/orders is gone/],
])('a canary %s does not', (_, canary, reason) => {
  expect(judge(canary)).toMatch(reason);
});
