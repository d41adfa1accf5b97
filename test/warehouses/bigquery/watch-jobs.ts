import { BigQueryClient } from '../../../activities/warehouses/bigquery/client';
import type { Passing } from '../../../testing';

type Listener = (passing: Passing) => void | Promise<void>;
const listeners = new Set<Listener>();

/**
 * Tells of jobs around the client's own requests: a load job is the copy, and committed once it is read as done; a script is
 * committed by the request that starts it, and answered by the numbers that it has counted.
 */
export function watchJobs(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

async function tell(passing: Passing): Promise<void> {
  for (const listener of listeners) await listener(passing);
}

/** Scripts whose answer is not there yet. */
const scripts = new Set<string>();
/** Who has lost an answer does not get it by asking again, but by starting again. */
const lost = new Map<string, unknown>();

async function tellOf(jobId: string): Promise<void> {
  await tell({ point: 'commit', moment: 'after' }).catch((error: unknown) => {
    lost.set(jobId, error);
    throw error;
  });
}

const { insertJob, uploadJob, getJob, queryPage } = BigQueryClient.prototype;

Object.assign(BigQueryClient.prototype, {
  async insertJob(jobId, configuration) {
    lost.delete(jobId);
    if (configuration.load) await tell({ point: 'copy', moment: 'before' });
    const isScript = /^BEGIN TRANSACTION;/m.test(configuration.query?.query ?? '');
    if (isScript) {
      scripts.add(jobId);
      await tell({ point: 'commit', moment: 'before' });
    }
    const job = await insertJob.call(this, jobId, configuration);
    if (configuration.load) await tell({ point: 'copy', moment: 'after' });
    return job;
  },
  async uploadJob(...given) {
    await tell({ point: 'copy', moment: 'before' });
    await uploadJob.apply(this, given);
    await tell({ point: 'copy', moment: 'after' });
  },
  async getJob(jobId) {
    if (lost.has(jobId)) throw lost.get(jobId);
    const job = await getJob.call(this, jobId);
    if (job?.configuration.load && job.status.state === 'DONE') await tellOf(jobId);
    return job;
  },
  async queryPage(jobId, more) {
    if (lost.has(jobId)) throw lost.get(jobId);
    const page = await queryPage.call(this, jobId, more);
    if (page.jobComplete && scripts.delete(jobId)) await tellOf(jobId);
    return page;
  },
} satisfies Partial<BigQueryClient> & ThisType<BigQueryClient>);
