import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { LoadSituation } from './progress';
import type { StepProgress } from '../activities/warehouses/warehouse';

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

const steps: readonly string[] = ['extract', 'stage', 'audit', 'publish'];

/** How far a running workflow is, by its pending activity; `undefined` when none of ours is pending. */
export async function situationOf(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<LoadSituation | undefined> {
  const pending = (description.raw.pendingActivities ?? []).find((activity) => stepOf(activity) !== undefined);
  if (!pending) return undefined;
  const step = stepOf(pending) as StepProgress['step'];
  const failure = pending.lastFailure;
  const code = failure?.applicationFailureInfo?.type;
  return {
    ...(await heartbeatOf(client, pending)),
    step,
    attempt: pending.attempt ?? 1,
    since: timeOf(pending.lastStartedTime ?? pending.scheduledTime),
    ...(failure ? { trouble: [code, failure.message].filter(Boolean).join('  ') } : {}),
  };
}

const timeOf = (at: PendingActivity['scheduledTime']): number => (at ? Number(at.seconds ?? 0) * 1000 : Date.now());

function stepOf({ activityType }: PendingActivity): string | undefined {
  const name = activityType?.name?.replace(/^loadline\./, '');
  return steps.find((step) => step === name);
}

async function heartbeatOf(client: Client, { heartbeatDetails }: PendingActivity): Promise<Partial<StepProgress>> {
  try {
    const [details] = await decodeArrayFromPayloads(client.options.loadedDataConverter, heartbeatDetails?.payloads);
    return typeof details === 'object' && details !== null && 'step' in details
      ? (details as Partial<StepProgress>)
      : {};
  } catch {
    // Encrypted for somebody else: the step alone is shown.
    return {};
  }
}
