import { progressView } from './progress';
import { situationOf } from './situation';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Terminal } from './terminal';

/** A started workflow that can be waited for. */
export interface RunningWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  result(): Promise<unknown>;
  describe(): Promise<WorkflowExecutionDescription>;
}

/** How waiting ended: with a result, or by Ctrl-C, after which the load goes on. */
export type WatchEnd = { readonly result: unknown; readonly elapsedMs?: number } | 'interrupted';

/** Waits for a workflow and shows how far it is, until it ends or the person has seen enough. */
export async function watchLoad(running: RunningWorkflow, client: Client, terminal: Terminal): Promise<WatchEnd> {
  const interrupt = interruption();
  const view = progressView(terminal);
  const watching = new AbortController();
  const result = running.result();
  // After Ctrl-C nobody waits for the result any more.
  result.catch(() => undefined);
  const shown = showProgress(running, client, view, watching.signal);
  try {
    const end = await Promise.race([result.then((value) => ({ value })), interrupt.happened]);
    if (end === 'interrupted') return end;
    const elapsedMs = await elapsedOf(running);
    return { result: end.value, ...(elapsedMs === undefined ? {} : { elapsedMs }) };
  } finally {
    watching.abort();
    await shown;
    view.stop();
    interrupt.forget();
  }
}

async function showProgress(
  running: RunningWorkflow,
  client: Client,
  view: ReturnType<typeof progressView>,
  signal: AbortSignal,
): Promise<void> {
  while (await pause(1000, signal)) {
    // The result tells what is wrong; a failed look at the progress is worth nothing.
    const situation = await running.describe().then((d) => situationOf(client, d), () => undefined); // prettier-ignore
    if (situation && !signal.aborted) view.show(situation);
  }
}

/** Resolves to false at once when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const timer = setTimeout(() => resolve(true), ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve(false)), { once: true });
  });
}

async function elapsedOf(running: RunningWorkflow): Promise<number | undefined> {
  const { startTime, closeTime } = await running
    .describe()
    .catch(() => ({ startTime: undefined, closeTime: undefined }));
  return startTime && closeTime ? closeTime.getTime() - startTime.getTime() : undefined;
}

function interruption(): { happened: Promise<'interrupted'>; forget(): void } {
  let heard: () => void = () => undefined;
  const happened = new Promise<'interrupted'>((resolve) => {
    heard = () => resolve('interrupted');
    process.once('SIGINT', heard);
  });
  return { happened, forget: () => void process.removeListener('SIGINT', heard) };
}
