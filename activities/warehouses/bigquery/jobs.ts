import { setTimeout as sleep } from 'node:timers/promises';
import type { JobConfiguration, JobError, JobResource, QueryPage } from './api';
import type { BigQueryClient } from './client';
import { isTransient, type ApiError } from './errors';

/** A job that shall happen once, however often it is asked for. */
export interface OnceJob {
  /** Whether the job is a query, and whether its rows are wanted. */
  readonly query: 'rows' | 'no rows' | null;
  /** The same for the same wish; the generation is put behind it. */
  readonly id: string;
  /** Starts the job under an id. @throws what the API does; 409 when the id was used before */
  start(jobId: string): Promise<unknown>;
  /** Whether a job that was found under the id is this one. */
  isSame(job: JobResource): boolean;
  /** What to fail with when a job under the id has happened that is another one. */
  differs(job: JobResource): Error;
  /** What to fail with when nobody knows whether the job was started. */
  unknown(error: unknown): Error;
}

/** How a job has ended: a query that has succeeded by its answer, all else by the job itself. */
interface Ending {
  readonly job: JobResource | null;
  /** The first page of a query's rows. */
  readonly page: QueryPage | null;
}

/** A job that has ended, and whether this caller started it. */
export interface EndedJob extends Ending {
  readonly jobId: string;
  readonly generation: number;
  /** False: it was there, and has succeeded. */
  readonly own: boolean;
}

/** What a job has failed with; `undefined`: it has succeeded. */
export const errorOf = ({ job }: Ending): JobError | undefined => job?.status.errorResult;

/**
 * Has a job done once. An id is used up by whatever ran under it, so that a failed job is followed by a new generation of the id;
 * and it is only once the job of the generation before is read as ended, with an error.
 */
export async function jobOnce(
  client: BigQueryClient,
  once: OnceJob,
  from: number,
  signal?: AbortSignal,
): Promise<EndedJob> {
  for (let generation = from; ; generation++) {
    const jobId = `${once.id}-${generation}`;
    const own = await started(client, once, jobId, signal);
    const ending = await ended(client, jobId, own ? once.query : null, signal).catch((error: unknown) => {
      // An id that is used up, of a job that is forgotten, tells as little as no answer.
      throw isTransient(error) || (error as ApiError).code === 404 ? once.unknown(error) : error;
    });
    if (!own && errorOf(ending)) continue;
    if (!own && !once.isSame(ending.job!)) throw once.differs(ending.job!);
    return { ...ending, jobId, generation, own };
  }
}

const attempts = 5;

/** Starts a job, or finds it; true when it is this caller's own. */
async function started(client: BigQueryClient, once: OnceJob, jobId: string, signal?: AbortSignal): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      await once.start(jobId);
      return true;
    } catch (error) {
      if ((error as ApiError).code === 409) return attempt > 1 && (await isOwn(client, once, jobId));
      if (!isTransient(error)) throw error;
      // The answer is lost, and the job may be there: asked for again under its id, it is not started twice.
      if (attempt === attempts) throw once.unknown(error);
      await pause(attempt, signal);
    }
  }
}

/** After a lost answer a job under the id that is the same is taken for the own one, so that its failure is told. */
async function isOwn(client: BigQueryClient, once: OnceJob, jobId: string): Promise<boolean> {
  const job = await client.getJob(jobId).catch((error: unknown) => {
    throw isTransient(error) ? once.unknown(error) : error;
  });
  return job !== null && once.isSame(job);
}

/** The job once it has ended. Whoever gives up waiting asks it to end, which it may not. */
async function ended(
  client: BigQueryClient,
  jobId: string,
  query: OnceJob['query'],
  signal?: AbortSignal,
): Promise<Ending> {
  // A query that was started a moment ago has hardly ended, and is asked for what it has found and not for how it is.
  if (query && !signal?.aborted) {
    const page = await answer(client, jobId, query === 'rows' ? {} : { maxResults: 0 });
    if (page?.jobComplete) return { job: null, page };
  }
  for (let asked = 0; ; asked++) {
    const job = await client.getJob(jobId);
    if (job === null) throw Object.assign(new Error('Not found: Job'), { code: 404, errors: [{ reason: 'notFound' }] });
    if (job.status.state === 'DONE') return { job, page: null };
    if (signal?.aborted) {
      await client.cancelJob(jobId).catch(() => undefined);
      throw signal.reason;
    }
    if (job.configuration.query) await answer(client, jobId, { maxResults: 0 });
    else await sleep(Math.min(50 * 1.5 ** asked, 5_000), undefined, signal && { signal }).catch(() => undefined);
  }
}

/** The answer of a query, which comes as soon as there is one; `null`: none. Why a job has failed is read from the job. */
function answer(client: BigQueryClient, jobId: string, more: { maxResults?: number }): Promise<QueryPage | null> {
  return client.queryPage(jobId, { timeoutMs: 5_000, ...more }).catch(() => sleep(20, null));
}

/** Waits before another attempt: longer each time, and not as long as all the others do. */
export async function pause(attempt: number, signal?: AbortSignal): Promise<void> {
  const ms = (0.5 + Math.random()) * Math.min(50 * 2 ** attempt, 5_000);
  await sleep(ms, undefined, signal && { signal }).catch(() => signal!.throwIfAborted());
}

/** A value as BigQuery takes it for a label. */
export const label = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '_')
    .slice(0, 63);

/** Labels of a job: those of the configuration, and what the job is for. */
export function labelsOf(
  own: Readonly<Record<string, string>>,
  name: string,
  open?: { readonly loadId: string; readonly pipeline: string },
  text?: string,
): JobConfiguration['labels'] {
  return {
    ...own,
    loadline: label(name),
    ...(open && { loadline_load: label(open.loadId), loadline_pipeline: label(open.pipeline) }),
    ...(text && { loadline_text: text }),
  };
}
