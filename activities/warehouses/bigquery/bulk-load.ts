import { isLoadError, loadFailure } from '../../../workflows/load-error';
import { raw, sql, type BulkLoad } from '../sql/port';
import type { JobConfiguration, JobResource, LoadConfiguration } from './api';
import type { BigQueryClient } from './client';
import { bigQueryFailure, isTransient } from './errors';
import { errorOf, jobOnce, labelsOf, pause, type OnceJob } from './jobs';
import { loadJobFailure } from './load-errors';
import { referredLoad, type ReferredLoad } from './referred-batch';
import { queryRows } from './statements';
import { loadField } from './types';
import { hashOf, partsOfQuoted } from './unit-script';
import { writeBatch, type WrittenBatch } from './written-batch';

/** See `SqlBackend.bulkLoad`. The rows are counted in the stage: what a load job says of them is of other things too. */
export async function bulkLoad(client: BigQueryClient, input: BulkLoad): Promise<number> {
  const { signal } = input.context;
  signal.throwIfAborted();
  const content = contentOf(input);
  let referred = await referredLoad(client.config, input);
  for (let attempt = 1, from = 0; ; attempt++) {
    const work = new LoadWork(client, input, loadOf(input, referred), content, referred);
    const ended = await jobOnce(client, work, from, signal).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : (work.broken ?? bigQueryFailure(error, { object: input.stage }));
    });
    if (work.broken) throw work.broken;
    const error = errorOf(ended);
    if (error === undefined) {
      await referred?.verify();
      return countRows(client, input, work.written);
    }
    const failure = loadJobFailure(ended.job!, input);
    const misread = referred !== null && isLoadError(failure, 'SchemaMismatch');
    if (!misread && (!isTransient(error) || attempt === 4)) throw failure;
    // Types that BigQuery does not take for those of the table, the worker may.
    if (misread) referred = null;
    else await pause(attempt, signal);
    from = ended.generation + 1;
  }
}

/** One wish to load: a stage is loaded once, whatever is tried. */
class LoadWork implements OnceJob {
  readonly query = null;
  readonly id: string;
  written: WrittenBatch | undefined;
  /** Why the file that was being sent is not whole. */
  broken: Error | undefined;

  constructor(
    private readonly client: BigQueryClient,
    private readonly input: BulkLoad,
    private readonly load: LoadConfiguration,
    private readonly content: string,
    private readonly referred: ReferredLoad | null,
  ) {
    this.id = `loadline-load-${hashOf(client.config.project, input.stage)}`;
  }

  async start(jobId: string): Promise<unknown> {
    const { client, load, referred } = this;
    if (referred) return client.insertJob(jobId, { ...this.#configuration(), load });
    // Not sent for nothing when the job is there already.
    if (await client.getJob(jobId)) throw Object.assign(new Error('Already Exists: Job'), { code: 409 });
    this.written = writeBatch(this.input);
    this.written.stream.once('error', (error) => (this.broken ??= error));
    const { stagingBucket } = client.config;
    try {
      if (stagingBucket === null)
        return await client.uploadJob(jobId, load, this.#configuration(), this.written.stream);
      const uri = `${stagingBucket.replace(/\/+$/, '')}/${jobId}-${this.content}.json.gz`;
      await client.putObject(uri, this.written.stream);
      return await client.insertJob(jobId, { ...this.#configuration(), load: { ...load, sourceUris: [uri] } });
    } catch (error) {
      throw this.broken ?? error;
    }
  }

  /** The same files into the same stage in the same way. What the job itself says counts, not its id. */
  isSame({ configuration }: JobResource): boolean {
    const { load, labels } = configuration;
    const mine = this.load.destinationTable;
    const its = load?.destinationTable;
    const destination =
      its?.projectId === mine.projectId && its.datasetId === mine.datasetId && its.tableId === mine.tableId;
    return destination && this.#areMine(load?.sourceUris) && labels?.['loadline_text'] === this.content;
  }

  /** What was sent, or put into the staging bucket, is known by the label. */
  #areMine(uris: readonly string[] | undefined): boolean {
    const { stagingBucket } = this.client.config;
    const staged = (uri: string): boolean =>
      stagingBucket !== null && uri.startsWith(`${stagingBucket.replace(/\/+$/, '')}/`);
    return uris === undefined || uris.every(staged) || equal(uris, this.referred?.load.sourceUris);
  }

  differs(job: JobResource): Error {
    return loadFailure('StageLost', {
      what: 'The stage holds other rows than those of this batch.',
      object: this.input.stage,
      expected: 'a load job of this batch',
      got: `job ${job.jobReference.jobId} with other sources, columns or another destination`,
    });
  }

  unknown(error: unknown): Error {
    return this.broken ?? bigQueryFailure(error, { object: this.input.stage });
  }

  #configuration(): JobConfiguration {
    const { config } = this.client;
    return {
      labels: labelsOf(config.labels, 'stage', this.input.open, this.content) ?? {},
      jobTimeoutMs: String(config.stageTimeoutMs),
    };
  }
}

const equal = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n');

function loadOf({ stage, columns }: BulkLoad, referred: ReferredLoad | null): LoadConfiguration {
  const [projectId = '', datasetId = '', tableId = ''] = partsOfQuoted(stage);
  return {
    destinationTable: { projectId, datasetId, tableId },
    // The stage is made before it is loaded, so that its columns are the contract's. One that is gone must not come back.
    createDisposition: 'CREATE_NEVER',
    writeDisposition: 'WRITE_TRUNCATE',
    maxBadRecords: 0,
    // Else a table that is replaced takes the columns of the files.
    schema: { fields: columns.map(({ name, type }) => loadField(name, type)) },
    sourceFormat: 'NEWLINE_DELIMITED_JSON',
    ...referred?.load,
  } as LoadConfiguration;
}

/** Tells one content from another, as the job's label does. */
function contentOf({ batch, columns, target }: BulkLoad): string {
  const { sha256, format, csv, files } = batch.manifest;
  const hashes = files.map((file) => [file.path, file.sha256]);
  const { columns: contract, extraColumns = 'refuse' } = target.contract;
  return hashOf(sha256, format, csv, hashes, columns, contract, extraColumns);
}

async function countRows(client: BigQueryClient, input: BulkLoad, written?: WrittenBatch): Promise<number> {
  const { stage, open, context, batch } = input;
  const count = sql`SELECT COUNT(*) AS n FROM ${raw(stage)}`;
  const [row] = await queryRows<{ n: number }>(client, 'stage:count', count, { open, signal: context.signal });
  const rows = Number(row?.n ?? 0);
  const known = batch.manifest.files.every((file) => file.rows !== null)
    ? batch.manifest.files.reduce((sum, file) => sum + file.rows!, 0)
    : written?.rows();
  if (known === undefined || known === rows) return rows;
  throw loadFailure('StageLost', { object: stage, expected: `${known} rows`, got: `${rows}` });
}
