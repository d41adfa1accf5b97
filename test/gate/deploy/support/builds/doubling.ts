/** A build that loads the same rows again whenever it runs. @module */
import { uuid4 } from '@temporalio/workflow';
import { files, interval, load, type LoadReceipt } from '../../../../../workflows';

export { short } from './good';

export async function orders(file: string): Promise<LoadReceipt> {
  return load({
    pipeline: `orders-${uuid4()}`,
    into: 'lines',
    mode: 'append',
    from: files('raw', file),
    interval: interval('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  });
}
