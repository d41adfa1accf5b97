import { day, files, load, type LoadReceipt } from '../../../../workflows';

export async function daily(input: { day: string }): Promise<LoadReceipt> {
  return load({
    pipeline: 'daily',
    into: 'orders',
    mode: 'merge',
    from: files('raw', '*.csv'),
    interval: day(input.day),
  });
}
