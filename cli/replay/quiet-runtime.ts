import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Core warns of each history that does not replay, which the report says better. */
export function quietRuntime(): void {
  const nothing = (): void => undefined;
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', nothing),
      telemetryOptions: { logging: { filter: 'off', forward: {} } },
    });
  } catch {
    // A program that runs the command line has installed one of its own.
  }
}
