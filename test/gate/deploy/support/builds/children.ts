/** Pipelines that load in child workflows, whose ids tell nothing of a canary. @module */
import { startChild, uuid4 } from '@temporalio/workflow';
import { files, type LoadReceipt } from '../../../../../workflows';

export { short } from './good';

export async function orders(file: string): Promise<LoadReceipt> {
  const request = { pipeline: 'orders', into: 'orders', mode: 'merge', from: files('raw', file) };
  const child = await startChild('loadTable', { args: [request], workflowId: `child-${uuid4()}` });
  return child.result() as Promise<LoadReceipt>;
}
