import { checkWorkflow } from '../client/known-workflows';
import { exitCodes, exitCodeOfReceipts, type ExitCode } from './exit-code';
import { renderHeld } from './held-output';
import { fields, paint } from './terminal';
import { receiptsIn, renderReceipt } from './output';
import { requireWorker } from './polling-workers';
import { startRequest, startWorkflow, type Start } from './start-load';
import { uiLink } from './ui-link';
import { watchLoad, type RunningWorkflow, type WatchEnd } from './watch-load';
import type { CliContext } from './cli-context';
import type { RunOptions } from './commands/run';
import type { HeldLoad } from '../workflows/contract';

/** Starts a load or a workflow and, unless it is to be left alone, waits for its end and prints the receipt. */
export async function runLoad(
  workflow: string | undefined,
  options: RunOptions,
  context: CliContext,
): Promise<ExitCode> {
  const config = await context.config();
  // What is asked for is checked before anything is connected to.
  if (workflow !== undefined) await checkWorkflow(config, workflow);
  const start = workflow === undefined ? startRequest(options, config) : startWorkflow(workflow, options, config);
  return startAndFollow(start, options.detach ?? false, context);
}

/** Starts something that ends with a receipt and, unless it is to be left alone, waits for it and prints it. */
export async function startAndFollow(start: Start, detach: boolean, context: CliContext): Promise<ExitCode> {
  const config = await context.config();
  const client = await context.client();
  if (!detach) await requireWorker(client.temporal, config.taskQueue);
  const running = await start(client);
  const { connectionOptions, namespace } = await context.temporal();
  const uiUrl = uiLink({ address: connectionOptions.address, namespace, ...running });
  return detach ? tellStarted(running, uiUrl, context) : follow(running, uiUrl, context);
}

function tellStarted(
  { workflowId, runId }: RunningWorkflow,
  uiUrl: string | undefined,
  { terminal }: CliContext,
): ExitCode {
  terminal.result(
    { workflowId, runId, ...(uiUrl === undefined ? {} : { uiUrl }) },
    (columns) =>
    [paint.green('✓ started'), fields([['workflow', workflowId], ['run', runId], ['Temporal UI', uiUrl]], '  ', columns)].join('\n'), // prettier-ignore
  );
  return exitCodes.ok;
}

async function follow(running: RunningWorkflow, uiUrl: string | undefined, context: CliContext): Promise<ExitCode> {
  const { terminal } = context;
  // A line each, so that a terminal that breaks them breaks nothing that is to be copied with its neighbour.
  if (!terminal.json)
    terminal.note(paint.dim([`workflow ${running.workflowId}`, ...(uiUrl ? [uiUrl] : [])].join('\n')));
  // How it ended is another paragraph.
  const paragraph = (): void => (terminal.interactive ? terminal.note('') : undefined);
  const end = await watchLoad(running, (await context.client()).temporal, terminal).finally(paragraph);
  if (end === 'interrupted') return tellDetached(running, context);
  return 'held' in end ? tellHeld(end.held, running, context) : tellEnd(end, running, uiUrl, context);
}

function tellHeld(
  held: readonly HeldLoad[],
  { workflowId, runId }: RunningWorkflow,
  { terminal }: CliContext,
): ExitCode {
  terminal.result({ held, workflowId, runId }, (columns) => held.map((load) => renderHeld(load, columns)).join('\n\n'));
  return exitCodes.held;
}

function tellEnd(
  end: Extract<WatchEnd, { readonly result: unknown }>,
  running: RunningWorkflow,
  uiUrl: string | undefined,
  { terminal }: CliContext,
): ExitCode {
  const { result, elapsedMs } = end;
  const extras = { ...(elapsedMs === undefined ? {} : { elapsedMs }), ...(uiUrl === undefined ? {} : { uiUrl }) };
  const receipts = receiptsIn(result);
  const { workflowId, runId } = running;
  const single = receipts.length === 1 && !Array.isArray(result);
  terminal.result(
    single ? { ...receipts[0], ...extras } : { workflowId, runId, ...extras, result: result ?? null },
    (columns) =>
      receipts.length > 0
        ? receipts.map((receipt) => renderReceipt(receipt, extras, columns)).join('\n\n')
        : `${paint.green('✓ done')}  ${JSON.stringify(result, null, 2) ?? ''}`,
  );
  return exitCodeOfReceipts(receipts);
}

function tellDetached({ workflowId, runId }: RunningWorkflow, { terminal, globals }: CliContext): ExitCode {
  const namespace = globals.namespace === undefined ? '' : ` --namespace ${globals.namespace}`;
  const text = [
    `${paint.yellow('…')} No longer waiting; the load goes on.`,
    fields([['wait again', 'run the same command again'], ['cancel', `temporal workflow cancel --workflow-id '${workflowId}'${namespace}`]], '  '), // prettier-ignore
  ].join('\n');
  if (terminal.json) terminal.result({ detached: true, workflowId, runId }, () => '');
  else terminal.note(text);
  return exitCodes.detached;
}
