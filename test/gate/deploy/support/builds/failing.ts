/** A build whose pipelines fail. @module */
import { ApplicationFailure } from '@temporalio/workflow';

export { orders, ordersInTwo } from './good';

export async function short(): Promise<string> {
  await Promise.resolve();
  throw ApplicationFailure.nonRetryable('This build is bad');
}
