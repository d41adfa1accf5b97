/** A build in which a pipeline does more before it waits: what it has begun, older builds cannot go on with. @module */
import { condition, setHandler, sleep } from '@temporalio/workflow';
import { files, load, type LoadReceipt } from '../../../../../workflows';
import { go } from './good';

export { orders, short } from './good';

export async function ordersInTwo(before: string, after: string): Promise<LoadReceipt[]> {
  let told = false;
  setHandler(go, () => void (told = true));
  await sleep(10);
  const first = await load({ pipeline: 'orders', into: 'orders', mode: 'merge', from: files('raw', before) });
  await condition(() => told);
  return [first, await load({ pipeline: 'orders', into: 'orders', mode: 'merge', from: files('raw', after) })];
}
