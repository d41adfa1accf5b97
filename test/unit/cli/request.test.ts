import { requestOf } from '../../../cli/request';
import type { TableContract } from '../../../workflows/table-contract';

const orders: TableContract = { name: 'orders', table: 'main/orders', columns: { id: { type: 'text' } } };
const config = {
  contracts: new Map([['orders', orders]]),
  stores: new Map([['raw', { kind: 'local-files', name: 'raw', rootDir: '/data' } as const]]),
};
const base = { load: 'orders', from: 'raw:2026/*.csv', mode: 'append' };

test('a request is the options, with the contract as the name of the pipeline', () => {
  expect(requestOf(base, config)).toEqual({
    pipeline: 'orders',
    into: 'orders',
    from: { kind: 'files', store: 'raw', glob: '2026/*.csv' },
    mode: 'append',
  });
});

test('day, month and interval are half-open UTC instants', () => {
  const intervalOf = (options: object) => requestOf({ ...base, ...options }, config).interval;
  expect(intervalOf({ day: '2026-11-22' })).toEqual({
    start: '2026-11-22T00:00:00.000Z',
    end: '2026-11-23T00:00:00.000Z',
  });
  expect(intervalOf({ month: '2026-11' })).toEqual(intervalOf({ interval: '2026-11-01..2026-12-01' }));
});

test('options of a mode reach the request of that mode', () => {
  const partitions = { mode: 'replace-partition', partitions: '2026-01-01, 2026-01-02', allowEmpty: true };
  expect(requestOf({ ...base, ...partitions }, config)).toMatchObject({
    partitions: ['2026-01-01', '2026-01-02'],
    allowEmpty: true,
  });
  expect(requestOf({ ...base, mode: 'merge', allowOutOfOrder: true }, config)).toMatchObject({ outOfOrder: 'allow' });
});

test('how files are read can be said, with \\t for a tab', () => {
  const { from } = requestOf({ ...base, format: 'csv', delimiter: '\\t' }, config);
  expect(from).toMatchObject({ format: 'csv', csv: { delimiter: '\t' } });
});
