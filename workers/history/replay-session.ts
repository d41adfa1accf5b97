import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import type { temporal } from '@temporalio/proto';
import { withReadyWorkflows, readyWorkflowsPath } from '../workflow-entry';
import type { MadeCommand } from './made-command';

type History = temporal.api.history.v1.IHistory;

/** What became of a replay: the commands that the code made, and why it went another way than the history, if it did. */
export interface Replayed {
  readonly commands: readonly MadeCommand[];
  readonly error?: Error;
}

/** Replays histories one after another with one worker: each may depend on what the one before has shown. */
export interface ReplaySession {
  replay(workflowId: string, history: History): Promise<Replayed>;
  close(): Promise<void>;
}

interface Turn {
  readonly workflowId: string;
  readonly history: History;
  readonly resolve: (replayed: Replayed) => void;
  readonly reject: (error: unknown) => void;
}

const nothing = (): void => undefined;
const quiet = new DefaultLogger('ERROR', nothing);

/** The workflows of a project, the ready ones, and what tells their commands, as one bundle. */
export async function bundleThatTells(workflowsPath: string | null): Promise<{ readonly code: string }> {
  return bundleWorkflowCode(
    withReadyWorkflows({
      workflowsPath: workflowsPath ?? readyWorkflowsPath,
      workflowInterceptorModules: [require.resolve('./tell-commands')],
      logger: quiet,
    }),
  );
}

/** Opens a session on a bundle of {@link bundleThatTells}. */
export function openReplaySession(bundle: { readonly code: string }): ReplaySession {
  const waiting: Turn[] = [];
  let wake = nothing;
  let closed = false;
  let at: Turn | undefined;
  let commands: MadeCommand[] = [];
  async function* histories(): AsyncGenerator<{ workflowId: string; history: History }> {
    for (;;) {
      while (!waiting[0] || at) {
        if (closed) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      at = waiting.shift()!;
      commands = [];
      yield { workflowId: at.workflowId, history: at.history };
    }
  }
  const made = { fn: (_: unknown, command: MadeCommand) => void commands.push(command), callDuringReplay: true };
  const running = (async () => {
    const options = { workflowBundle: bundle, sinks: { loadlineCommands: { made } } };
    for await (const { error } of Worker.runReplayHistories(options, histories())) {
      at?.resolve({ commands, ...(error && { error }) });
      at = undefined;
      wake();
    }
  })();
  running.catch((error: unknown) => {
    for (const turn of [at, ...waiting.splice(0)]) turn?.reject(error);
  });
  return {
    replay: (workflowId, history) =>
      new Promise((resolve, reject) => {
        waiting.push({ workflowId, history, resolve, reject });
        wake();
      }),
    async close() {
      closed = true;
      wake();
      await running;
    },
  };
}
