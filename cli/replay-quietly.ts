import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Keeps Temporal's core from logging each replay that goes another way: that is what is looked for. */
export function replayQuietly(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { filter: { core: 'OFF' as 'ERROR', other: 'OFF' as 'ERROR' }, forward: {} } },
    });
  } catch {
    // Installed already, in a program that has a runtime of its own.
  }
}
