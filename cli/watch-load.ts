import { codeTrouble } from '../client/code-trouble';
import { loadFailure } from '../workflows/load-error';
import { followHistory } from './follow-history';
import { progressView, type ProgressView } from './progress';
import { situationOf } from './situation';
import { stepLog } from './step-log';
import { hang, paint, type Terminal } from './terminal';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { HeldLoad } from '../workflows/contract';

/** A started workflow that can be waited for. */
export interface RunningWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  result(): Promise<unknown>;
  describe(): Promise<WorkflowExecutionDescription>;
  /** Its loads that are or were held. */
  held(): Promise<readonly HeldLoad[]>;
}

/** How waiting ended: with a result, with loads that wait for a verdict, or by Ctrl-C, after which the load goes on. */
export type WatchEnd =
  { readonly result: unknown; readonly elapsedMs?: number } | { readonly held: readonly HeldLoad[] } | 'interrupted';

/** Waits for a workflow and shows how far it is, until it ends or the person has seen enough. */
export async function watchLoad(running: RunningWorkflow, client: Client, terminal: Terminal): Promise<WatchEnd> {
  const interrupt = interruption();
  const view = progressView(terminal);
  const watching = new AbortController();
  // A call under way would keep the process alive until the server answers it.
  const result = client.withAbortSignal(watching.signal, () => running.result());
  // After Ctrl-C nobody waits for the result any more.
  result.catch(() => undefined);
  const looks = { running, client, terminal, view, signal: watching.signal };
  const shown = showProgress(looks);
  const holds: { tell(held: readonly HeldLoad[]): void } = { tell: () => undefined };
  const held = new Promise<readonly HeldLoad[]>((tell) => (holds.tell = tell));
  const steps = showSteps(looks, holds.tell);
  // What has happened is told before how it ended.
  const ended = result.finally(() => Promise.race([steps, pause(2000, watching.signal)]));
  ended.catch(() => undefined);
  try {
    // Looking ends by itself only where waiting is in vain.
    const waiting = held.then((loads) => ({ held: loads }));
    const end = await Promise.race([ended.then((value) => ({ value })), waiting, interrupt.happened, shown]);
    if (end === 'interrupted' || 'held' in end) return end;
    const elapsedMs = await elapsedOf(running);
    return { result: end.value, ...(elapsedMs === undefined ? {} : { elapsedMs }) };
  } finally {
    watching.abort();
    await shown.catch(() => undefined);
    view.stop();
    interrupt.forget();
  }
}

interface Looks {
  readonly running: RunningWorkflow;
  readonly client: Client;
  readonly terminal: Terminal;
  readonly view: ProgressView;
  readonly signal: AbortSignal;
}

/** Shows every step that ends, and tells when loads wait for a verdict. What fails here fails for the result too. */
async function showSteps(
  { running, client, view, signal }: Looks,
  tellHeld: (held: readonly HeldLoad[]) => void,
): Promise<void> {
  const endedBy = stepLog(client);
  try {
    for await (const event of followHistory(client, running, signal)) {
      const step = await endedBy(event);
      if (!step || signal.aborted) continue;
      if (step.name !== 'hold') view.ended(step);
      else if (step.failure === undefined) await tellWaiting(running, tellHeld);
    }
  } catch {
    // The result tells.
  }
}

/** A run that was held may have gone on since: only itself knows what still waits. */
async function tellWaiting(running: RunningWorkflow, tell: (held: readonly HeldLoad[]) => void): Promise<void> {
  const held = await running.held();
  const waiting = held.filter(({ given }) => !given);
  if (waiting.length > 0) tell(waiting);
}

/** Shows how far the workflow is until the signal. @throws what makes waiting pointless */
async function showProgress({ running, client, terminal, view, signal }: Looks): Promise<'interrupted'> {
  let told = '';
  while (await pause(1000, signal)) {
    // The result tells what is wrong; a failed look at the progress is worth nothing.
    const description = await running.describe().catch(() => undefined);
    if (!description || signal.aborted) continue;
    const failing = await codeTrouble(client, description).catch(() => undefined);
    if (failing !== undefined && failing !== told) {
      refuseUnknownWorkflow(failing, description);
      view.stop();
      terminal.note(troubleText(failing, description, terminal.columns));
      told = failing;
    }
    const situation = await situationOf(client, description).catch(() => undefined);
    if (situation && !signal.aborted) view.show(situation);
  }
  return 'interrupted';
}

/** Temporal tries a workflow that its worker does not export for ever, in the hope of another worker. */
function refuseUnknownWorkflow(trouble: string, { type, workflowId }: WorkflowExecutionDescription): void {
  if (!trouble.includes('no such function is exported')) return;
  throw loadFailure('InvalidRequest', {
    what: 'The worker has no workflow of this name.',
    object: `workflow ${type}`,
    expected: 'a function that the module of `worker.workflows` exports',
    remedy: `Correct the name, or export the workflow and start the worker again. This run waits for it; to end it: ${terminate(workflowId)}`,
  });
}

function troubleText(trouble: string, { workflowId }: WorkflowExecutionDescription, columns: number): string {
  const remedy = `Correct it and start the worker again, and the run goes on. To end the run: ${terminate(workflowId)}`;
  return [
    hang(`${paint.yellow('!')} `, `The code of the workflow fails: ${trouble}`, columns),
    hang(`  ${paint.cyan('→')} `, remedy, columns),
  ].join('\n');
}

const terminate = (workflowId: string): string => `temporal workflow terminate --workflow-id '${workflowId}'`;

/** Resolves to false at once when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

async function elapsedOf(running: RunningWorkflow): Promise<number | undefined> {
  const { startTime, closeTime } = await running
    .describe()
    .catch(() => ({ startTime: undefined, closeTime: undefined }));
  return startTime && closeTime ? closeTime.getTime() - startTime.getTime() : undefined;
}

/** Behind npm one Ctrl-C arrives twice: from the terminal, and passed on. */
const oneKeyPressMs = 500;

function interruption(): { happened: Promise<'interrupted'>; forget(): void } {
  let heard: () => void = () => undefined;
  let passedOnUntil = 0;
  const happened = new Promise<'interrupted'>((resolve) => {
    heard = () => {
      passedOnUntil ||= Date.now() + oneKeyPressMs;
      resolve('interrupted');
    };
    process.on('SIGINT', heard);
  });
  const remove = (): void => void process.removeListener('SIGINT', heard);
  const forget = (): void =>
    passedOnUntil === 0 ? remove() : void setTimeout(remove, passedOnUntil - Date.now()).unref();
  return { happened, forget };
}
