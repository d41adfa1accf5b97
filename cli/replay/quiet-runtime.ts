import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { CliContext } from '../cli-context';

/** Core warns of each history that does not replay, which the report says better. */
export function quietRuntime({ onClose }: Pick<CliContext, 'onClose'>): void {
  const nothing = (): void => undefined;
  try {
    const runtime = Runtime.install({
      logger: new DefaultLogger('ERROR', nothing),
      // Else the replayer would take Ctrl-C for itself, and every history after it for one that does not replay.
      shutdownSignals: [],
      telemetryOptions: { logging: { filter: 'off', forward: {} } },
    });
    // Without a worker nothing ends it, and it would keep the process.
    onClose(() => runtime.shutdown());
  } catch {
    // A program that runs the command line has installed one of its own.
  }
}
