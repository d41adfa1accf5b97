import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

/**
 * Why the code of a workflow itself fails, over and over; `undefined` while it does not. Temporal does not end such a
 * run: it waits for corrected code.
 */
export async function codeTrouble(
  client: Client,
  { raw, workflowId, runId }: WorkflowExecutionDescription,
): Promise<string | undefined> {
  if ((raw.pendingWorkflowTask?.attempt ?? 0) < 2) return undefined;
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 5,
  });
  const failed = history?.events?.find((event) => event.workflowTaskFailedEventAttributes?.failure);
  return failed?.workflowTaskFailedEventAttributes?.failure?.message?.split('\n')[0];
}
