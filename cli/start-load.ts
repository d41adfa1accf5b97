import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { requestOf } from './request';
import { UsageError } from './usage-error';
import type { LoadlineClient } from '../client';
import type { HeldLoad } from '../workflows/contract';
import type { ResolvedConfig } from '../workers/config';
import type { RunOptions } from './commands/run';
import type { RunningWorkflow } from './watch-load';

/** Starts what was asked for, once there is a client. */
export type Start = (client: LoadlineClient) => Promise<RunningWorkflow>;

/** Makes the start of a load that the options describe. @throws `UsageError`, `InvalidRequest`, … */
export function startRequest(options: RunOptions, config: ResolvedConfig): Start {
  const request = requestOf(options, config);
  const { workflowId } = options;
  return (client) => client.start(request, workflowId === undefined ? {} : { workflowId });
}

/** Makes the start of a user's workflow. @throws `UsageError` when the input is no JSON */
export function startWorkflow(workflow: string, options: RunOptions, config: ResolvedConfig): Start {
  const args = readInput(options.input);
  const workflowId = options.workflowId ?? idOf(workflow, args);
  return async (client) => {
    const handle = await client.temporal.workflow.start(workflow, {
      args,
      workflowId,
      taskQueue: config.taskQueue,
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `${workflow} ${args.map((arg) => JSON.stringify(arg)).join(' ')}`.trim().slice(0, 200),
    });
    return {
      workflowId,
      runId: handle.firstExecutionRunId,
      result: () => handle.result(),
      describe: () => handle.describe(),
      held: () => handle.query<HeldLoad[]>('heldLoads'),
    };
  };
}

/** The input of a workflow: JSON, or `@` and a file that holds it. No input is no argument. */
export function readInput(written: string | undefined): unknown[] {
  if (written === undefined) return [];
  const text = written.startsWith('@') ? readInputFile(written.slice(1)) : written;
  try {
    return [JSON.parse(text)];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `--input is not JSON: ${why}.`,
      `Write --input '{"day":"2026-11-22"}' or --input @input.json.`,
    );
  }
}

function readInputFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(
      `--input @${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown'}.`,
      'Correct the path.',
    );
  }
}

/** Equal input, equal id: started twice, it is waited for twice and runs once. */
function idOf(workflow: string, args: readonly unknown[]): string {
  if (args.length === 0) return workflow;
  return `${workflow}-${createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 12)}`;
}
