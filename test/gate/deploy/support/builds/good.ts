/** The pipelines of a user, in a build without faults. @module */
import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';
import { files, load, type LoadReceipt } from '../../../../../workflows';

/** Loads one file. */
export async function orders(file: string): Promise<LoadReceipt> {
  return load({ pipeline: 'orders', into: 'orders', mode: 'merge', from: files('raw', file) });
}

export const go = defineSignal('go');

/** Loads one file before it waits for a signal, and another after that. */
export async function ordersInTwo(before: string, after: string): Promise<LoadReceipt[]> {
  let told = false;
  setHandler(go, () => void (told = true));
  const first = await load({ pipeline: 'orders', into: 'orders', mode: 'merge', from: files('raw', before) });
  await condition(() => told);
  return [first, await load({ pipeline: 'orders', into: 'orders', mode: 'merge', from: files('raw', after) })];
}

/** Does a little. */
export async function short(): Promise<string> {
  await sleep(20);
  return 'good';
}
