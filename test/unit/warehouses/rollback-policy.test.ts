import { hasBuiltOn, refuseWhileUnderWay, type Write } from '../../../activities/warehouses/rollback-policy';

const write = (more: Partial<Write> = {}): Write => ({
  loadKey: 'mine',
  mode: 'append',
  ranges: null,
  rows: 5,
  known: 0,
  ...more,
});
const day = (n: number) => ({ start: `2026-01-0${n}T00:00:00.000Z`, end: `2026-01-0${n + 1}T00:00:00.000Z` });
const days = (...ns: number[]) => ({ mode: 'replace-partition' as const, ranges: ns.map(day) });
const other = { loadKey: 'other' };

test.each<[string, boolean, Partial<Write>, Partial<Write>, ('interval' | 'files' | 'content')?]>([
  ['another append has not built on an append', false, other, {}],
  ['the next generation of its own key has', true, {}, {}],
  ['though it brought no row', true, { rows: 0 }, {}],
  ['but with files it only adds', false, {}, {}, 'files'],
  ['an append that left out events it knew has built on an append', true, { ...other, known: 1 }, {}],
  ['a merge has', true, { ...other, mode: 'merge' }, {}],
  ['insert-only has', true, { ...other, mode: 'insert-only' }, {}],
  ['a load without any row has not', false, { ...other, mode: 'merge', rows: 0 }, {}],
  ['an append has built on a replace', true, other, { mode: 'replace' }],
  ['other partitions have nothing to do with it', false, { ...other, ...days(3) }, days(1, 2)],
  ['a shared partition has', true, { ...other, ...days(2, 3) }, days(1, 2)],
  ['a replace has built on partitions', true, { ...other, mode: 'replace' }, days(1)],
  ['an append has built on partitions', true, other, days(1)],
  ['partitions that nobody wrote down may be any', true, { ...other, mode: 'replace-partition' }, days(1)],
])('%s', (_title, expected, later, earlier, identity = 'interval') => {
  expect(hasBuiltOn(write(later), write(earlier), identity)).toBe(expected);
});

test.each<[string, boolean, Parameters<typeof refuseWhileUnderWay>[0]]>([
  ['an applied load is left in peace', false, { state: 'applied', workflowId: 'w', leaseLeftMs: 9 }],
  ['a live claim is under way', true, { state: 'open', workflowId: 'w', leaseLeftMs: 9 }],
  ['one whose lease has ended is not', false, { state: 'open', workflowId: 'w', leaseLeftMs: 0 }],
  ['one that was given back is not', false, { state: 'open', workflowId: null, leaseLeftMs: 9 }],
  ['a held one is, however long ago', true, { state: 'held', workflowId: 'w', leaseLeftMs: 0 }],
])('%s', (_title, refused, row) => {
  const ask = (): void => refuseWhileUnderWay(row, 'key');
  if (refused) expect(ask).toThrow(expect.objectContaining({ type: 'LoadInProgress' }) as Error);
  else expect(ask).not.toThrow();
});
