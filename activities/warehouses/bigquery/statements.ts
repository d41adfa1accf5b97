import { randomUUID } from 'node:crypto';
import { loadFailure } from '../../../workflows/load-error';
import type { RunOptions, Sql } from '../sql/port';
import type { JobConfiguration } from './api';
import type { BigQueryClient } from './client';
import { bigQueryFailure, isConflict, isTransient } from './errors';
import { errorOf, jobOnce, label, labelsOf, pause, type EndedJob, type OnceJob } from './jobs';
import { Text } from './parameters';
import { rowsOf } from './results';

/** A query outside of any unit. */
export async function queryRows<T>(
  client: BigQueryClient,
  name: string,
  statement: Sql,
  options?: RunOptions,
): Promise<T[]> {
  const { jobId, page } = await statementJob(client, name, statement, 'rows', options);
  return rowsOf<T>(client, jobId, page).catch((error: unknown) => {
    throw bigQueryFailure(error, { object: name });
  });
}

/** A statement outside of any unit; resolves to the rows that it changed. */
export async function runStatement(
  client: BigQueryClient,
  name: string,
  statement: Sql,
  options?: RunOptions,
): Promise<number> {
  const { job, page } = await statementJob(client, name, statement, 'no rows', options);
  return Number(page?.numDmlAffectedRows ?? job?.statistics?.query?.numDmlAffectedRows ?? 0);
}

/** The bytes that a statement would read, as BigQuery estimates them without running it. */
export async function bytesOf(
  client: BigQueryClient,
  name: string,
  statement: Sql,
  { object = name, open }: { readonly object?: string; readonly open?: RunOptions['open'] } = {},
): Promise<number> {
  const job = await client
    .dryRun(configurationOf(client, name, statement, open && { open }))
    .catch((error: unknown) => {
      throw bigQueryFailure(error, { object });
    });
  return Number(job.statistics?.totalBytesProcessed ?? 0);
}

function configurationOf(
  client: BigQueryClient,
  name: string,
  statement: Sql,
  { timeoutMs, open }: RunOptions = {},
): JobConfiguration {
  const { config } = client;
  const text = new Text();
  const query = text.of(statement);
  return {
    labels: labelsOf(config.labels, name, open) ?? {},
    jobTimeoutMs: String(timeoutMs ?? config.stageTimeoutMs),
    query: {
      query,
      useLegacySql: false,
      ...(text.parameters.length > 0 && { queryParameters: text.parameters, parameterMode: 'NAMED' }),
      ...(config.maximumBytesBilled && { maximumBytesBilled: config.maximumBytesBilled }),
    },
  };
}

async function statementJob(
  client: BigQueryClient,
  name: string,
  statement: Sql,
  query: OnceJob['query'],
  options: RunOptions = {},
): Promise<EndedJob> {
  const configuration = configurationOf(client, name, statement, options);
  const until = Date.now() + client.config.lockTimeoutMs;
  for (let attempt = 1; ; attempt++) {
    const once = freshJob(client, name, query, configuration);
    const ended = await jobOnce(client, once, 0, options.signal).catch((error: unknown) => {
      throw options.signal?.aborted ? error : bigQueryFailure(error, { object: name });
    });
    const error = errorOf(ended);
    if (error === undefined) return ended;
    // Neither has changed anything.
    const passing = isConflict(error) || (isTransient(error) && attempt < 4);
    if (!passing || Date.now() > until) throw bigQueryFailure(error, { object: name });
    await pause(attempt, options.signal);
  }
}

/** Under an id of its own: it is not started twice when its answer is lost. */
const freshJob = (
  client: BigQueryClient,
  name: string,
  query: OnceJob['query'],
  configuration: JobConfiguration,
): OnceJob => ({
  query,
  id: `loadline-${label(name)}-${randomUUID()}`,
  start: (jobId) => client.insertJob(jobId, configuration),
  isSame: () => true,
  differs: () => loadFailure('WarehouseError', { object: name }),
  unknown: (error) => bigQueryFailure(error, { object: name }),
});
