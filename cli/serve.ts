import { Runtime } from '@temporalio/worker';
import { createWorker } from '../workers/create-worker';
import { installLogging } from '../workers/logging';
import { exitCodes, type ExitCode } from './exit-code';
import { stopSignal, type StopSignal } from './stop-signal';
import { paint } from './terminal';
import type { CliContext } from './cli-context';
import type { ConnectOverrides, ResolvedConfig } from '../workers/config';

/** Runs a worker until it is asked to stop. */
export async function serve(context: CliContext): Promise<ExitCode> {
  const config = await context.config();
  const { connectionOptions, namespace } = await context.temporal();
  quieten(context);
  const { address } = connectionOptions;
  const stop = stopSignal(context.terminal.note);
  try {
    await runWorker(config, { address, namespace }, stop, () => {
      context.terminal.note(
        `${paint.green('✓')} polling ${paint.bold(config.taskQueue)} of ${namespace} at ${address}, ${config.deployment === null ? 'build' : `version ${config.deployment.name} /`} ${config.buildId}`,
      );
    });
    return exitCodes.ok;
  } catch (error) {
    // It ends by itself with the last connection; where there was none it would keep the process running.
    await Runtime.instance().shutdown();
    throw error;
  } finally {
    stop.forget();
  }
}

/** The SDK tells of every bundle; what goes wrong is what one wants to hear of. */
function quieten({ terminal }: CliContext): void {
  installLogging({ level: terminal.verbose ? 'INFO' : 'WARN' });
}

async function runWorker(
  config: ResolvedConfig,
  overrides: ConnectOverrides,
  stop: StopSignal,
  ready: () => void,
): Promise<void> {
  const { worker, close } = await createWorker(config, overrides);
  try {
    // Also when it is to stop already, which the SDK has heard too: a worker that never runs holds its connection.
    const running = worker.run();
    void stop.asked.then(() => worker.getState() === 'RUNNING' && worker.shutdown());
    if (!stop.isAsked()) ready();
    await running;
  } finally {
    await close();
  }
}
