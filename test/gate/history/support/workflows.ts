/** Pipelines of a user whose runs are recorded. @module */
import {
  condition,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { day, files, load, type LoadReceipt } from '../../../../workflows';
import type { Customer, Find } from './activities';

export interface DailyInput {
  readonly day: string;
  readonly region: string;
  readonly owner: string;
  readonly token: string;
  readonly export: string;
}

const { findCustomers } = proxyActivities<{ findCustomers: Find }>({ startToCloseTimeout: '1m' });

const loadDay = (input: DailyInput, pipeline = 'daily'): Promise<LoadReceipt> =>
  load({
    pipeline,
    into: 'orders',
    mode: 'merge',
    from: files('raw', `${input.day}/${input.region}-*.csv`),
    interval: day(input.day),
    outOfOrder: 'allow',
  });

/** Decides by counts, and passes the rest on. */
export async function daily(input: DailyInput): Promise<LoadReceipt> {
  const customers: readonly Customer[] = await findCustomers(input);
  for (const customer of customers) if (customer.orders > 1) await sleep(10);
  return loadDay(input);
}

/** Decides by a text that is nowhere in the code. */
export async function byRegion(input: DailyInput): Promise<LoadReceipt> {
  if (input.region.length === 4) await sleep(10);
  return loadDay(input);
}

/** Has a part of its load key from its input. */
export async function perRegion(input: DailyInput): Promise<LoadReceipt> {
  return loadDay(input, `daily-${input.region}`);
}

/** Decides by what must not be shown. */
export async function byOwner(input: DailyInput): Promise<LoadReceipt> {
  if (input.owner.length === 15) await sleep(10);
  return loadDay(input);
}

export const goOn = defineSignal<[{ readonly by: string }]>('goOn');

/** Is open until it is told to go on. */
export async function waiting(input: DailyInput): Promise<LoadReceipt> {
  let told = false;
  setHandler(goOn, () => void (told = true));
  await condition(() => told);
  return loadDay(input);
}

/** What an activity throws of its surroundings. */
export async function failing(input: DailyInput): Promise<string> {
  const { fail } = proxyActivities<{ fail(input: DailyInput): Promise<void> }>({
    startToCloseTimeout: '1m',
    retry: { maximumAttempts: 1 },
  });
  await fail(input).catch(() => sleep(10));
  return input.export;
}

/** The same in an activity that runs within the workflow task. */
export async function failingLocally(input: DailyInput): Promise<string> {
  const { fail } = proxyLocalActivities<{ fail(input: DailyInput): Promise<void> }>({
    startToCloseTimeout: '1m',
    retry: { maximumAttempts: 1 },
  });
  await fail(input).catch(() => sleep(10));
  return input.export;
}
