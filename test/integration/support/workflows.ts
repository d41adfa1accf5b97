/** The workflows of the tests: pipelines as a user would write them. @module */
import {
  condition,
  continueAsNew,
  defineSignal,
  executeChild,
  proxyActivities,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import {
  intervalOf,
  isLoadError,
  load,
  loadSet,
  type Interval,
  type LoadReceipt,
  type LoadRequest,
} from '../../../workflows';
import type * as pipelineActivities from './activities';

export { loadTable, retryQuarantine, sweepStages } from '../../../workflows/ready';

/** Several tables in one transaction. */
export async function loadTables(requests: readonly [LoadRequest, ...LoadRequest[]]): Promise<LoadReceipt> {
  return loadSet(requests);
}

/** Several loads beside each other, in one run. */
export async function loadBeside(requests: readonly LoadRequest[]): Promise<LoadReceipt[]> {
  const receipts = await Promise.all(requests.map((request) => load(request)));
  await finished();
  return receipts;
}

/** One load after another, in one run. */
export async function loadInTurn(requests: readonly LoadRequest[]): Promise<LoadReceipt[]> {
  const receipts: LoadReceipt[] = [];
  for (const request of requests) receipts.push(await load(request));
  return receipts;
}

/** Rows of the pipeline's own activity. */
export async function loadWritten(
  request: Omit<LoadRequest, 'from'>,
  rows: readonly Record<string, unknown>[],
): Promise<LoadReceipt> {
  const { writeRows } = proxyActivities<typeof pipelineActivities>({
    startToCloseTimeout: '1m',
    retry: { maximumAttempts: 1 },
  });
  const from = await writeRows(request.pipeline.replaceAll(/\W/g, '-'), rows);
  return load({ ...request, from } as LoadRequest);
}

/** The interval of this run, by its nominal time. */
export async function nominalDay(zone: string): Promise<Interval> {
  return intervalOf({ grain: 'day', zone });
}

/** What a pipeline does that can live without files. */
export async function loadIfThere(request: LoadRequest): Promise<LoadReceipt | 'nothing there'> {
  try {
    return await load(request);
  } catch (error) {
    if (isLoadError(error, 'NoFilesMatched')) return 'nothing there';
    throw error;
  }
}

export const finish = defineSignal('finish');

/** Keeps a run open until it is told to end, so that a test can look at it; a run that is not waited for ends at once. */
async function finished(): Promise<void> {
  let told = false;
  setHandler(finish, () => void (told = true));
  await condition(() => told, '20s');
}

/** A run that is open until it is cancelled. */
export async function loadThenWait(request: LoadRequest): Promise<LoadReceipt> {
  const receipt = await load(request);
  await finished();
  return receipt;
}

/** A load in a child workflow. */
export async function loadInChild(request: LoadRequest): Promise<LoadReceipt> {
  const child = await startChild('loadTable', { args: [request] });
  return child.result() as Promise<LoadReceipt>;
}

/** Several loads at once: some in this run, some in runs of their own. */
export async function fanOut(
  here: readonly LoadRequest[],
  apart: readonly LoadRequest[],
): Promise<readonly LoadReceipt[]> {
  return Promise.all([
    ...here.map((request) => load(request)),
    ...apart.map((request) => executeChild('loadTable', { args: [request] }) as Promise<LoadReceipt>),
  ]);
}

/** One interval after another, each in a run of its own. */
export async function loadOneByOne(requests: readonly [LoadRequest, ...LoadRequest[]]): Promise<LoadReceipt> {
  const [request, ...rest] = requests;
  const receipt = await load(request);
  const [next, ...later] = rest;
  if (next === undefined) return receipt;
  return continueAsNew<typeof loadOneByOne>([next, ...later]);
}
