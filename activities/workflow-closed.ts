import { WorkflowNotFoundError, type Client } from '@temporalio/client';

const closed: readonly string[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'CONTINUED_AS_NEW', 'TIMED_OUT'];

/** Whether a workflow run has ended, or is so old that Temporal has forgotten it. */
export async function isClosed(client: Client, workflowId: string, runId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    return closed.includes(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
