import { DefaultLogger, Runtime } from '@temporalio/worker';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { Client } from '@temporalio/client';
import type { EventJson } from './history-json';

/** The history of a run as it is now, whether it has ended or not. */
export async function eventsOfRun(
  temporal: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId?: string },
): Promise<EventJson[]> {
  const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  return (JSON.parse(historyToJSON(history)) as { events: EventJson[] }).events;
}

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
