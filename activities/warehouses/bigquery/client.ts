import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BigQuery, BigQueryOptions } from '@google-cloud/bigquery';
import { loadFailure } from '../../../workflows/load-error';
import type { ResolvedBigQueryConfig } from './config';
import type {
  DatasetResource,
  JobConfiguration,
  JobError,
  JobResource,
  LoadConfiguration,
  QueryPage,
  TableResource,
} from './api';
import { isTransient, type ApiError } from './errors';

interface Asked {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly qs?: Readonly<Record<string, unknown>>;
  /** Whether a failure in between may be tried again here. @default true */
  readonly again?: boolean;
}

/**
 * The parts of BigQuery's API that a load needs, over Google's client. The only place that imports it.
 *
 * The client's own `createJob` and `query` are not used: they choose ids, try again with new ones, and take 409 for success.
 */
export class BigQueryClient {
  #opened: Promise<BigQuery> | undefined;
  #location: string | undefined;

  constructor(readonly config: ResolvedBigQueryConfig) {}

  /** @throws {@link ApiError} with code 409 when the id was used before */
  async insertJob(jobId: string, configuration: JobConfiguration): Promise<JobResource> {
    const json = { jobReference: await this.#reference(jobId), configuration };
    return this.#ask('/jobs', { method: 'POST', json, again: false });
  }

  /** What the job would cost. */
  async dryRun(configuration: JobConfiguration): Promise<JobResource> {
    const { jobId: _, ...jobReference } = await this.#reference('');
    const json = { jobReference, configuration: { dryRun: true, ...configuration } };
    return this.#ask('/jobs', { method: 'POST', json });
  }

  /** `null`: there is no such job. */
  async getJob(jobId: string): Promise<JobResource | null> {
    return this.#orNull(this.#ask<JobResource>(`/jobs/${jobId}`, { qs: await this.#place() }));
  }

  /** Waits for a query so long, or takes the next page of its rows. */
  async queryPage(
    jobId: string,
    more: { timeoutMs?: number; pageToken?: string; maxResults?: number },
  ): Promise<QueryPage> {
    const qs = { ...(await this.#place()), 'formatOptions.useInt64Timestamp': true, ...more };
    return this.#ask(`/queries/${jobId}`, { qs });
  }

  /** Asks a job to end. It may have ended, or go on. */
  async cancelJob(jobId: string): Promise<void> {
    await this.#ask(`/jobs/${jobId}/cancel`, { method: 'POST', qs: await this.#place(), json: {} });
  }

  getTable(dataset: string, table: string): Promise<TableResource | null> {
    return this.#orNull(
      this.#ask<TableResource>(`/datasets/${dataset}/tables/${encodeURIComponent(table)}`, this.#data()),
    );
  }

  /** Drops a table, where it is there. */
  async deleteTable(dataset: string, table: string): Promise<void> {
    const uri = `/datasets/${dataset}/tables/${encodeURIComponent(table)}`;
    await this.#orNull(this.#ask(uri, { method: 'DELETE', ...this.#data() }));
  }

  getDataset(dataset: string): Promise<DatasetResource | null> {
    return this.#orNull(this.#ask<DatasetResource>(`/datasets/${dataset}`, this.#data()));
  }

  /** Changes a dataset that is still as it was read. @throws {@link ApiError} with code 412 when it is not */
  async patchDataset(dataset: string, etag: string, json: Partial<DatasetResource>): Promise<void> {
    const headers = { 'If-Match': etag };
    await this.#ask(`/datasets/${dataset}`, { method: 'PATCH', json, headers, ...this.#data() });
  }

  /** Makes a dataset, unless it is there. */
  async makeDataset(dataset: string, more: Partial<DatasetResource> = {}): Promise<void> {
    const { project, location, labels } = this.config;
    const json = {
      datasetReference: { projectId: project, datasetId: dataset },
      ...(location && { location }),
      labels: { ...labels, loadline: 'own' },
      ...more,
    };
    await this.#ask('/datasets', { method: 'POST', json, ...this.#data() }).catch((error: ApiError) => {
      if (error.code !== 409) throw error;
    });
  }

  /** A load job whose file is sent with it. Resolves when BigQuery has taken all of it; a file that breaks off is no job. */
  async uploadJob(
    jobId: string,
    load: LoadConfiguration,
    configuration: JobConfiguration,
    file: Readable,
  ): Promise<void> {
    const { apiEndpoint } = await this.#open();
    const metadata = { jobReference: await this.#reference(jobId), configuration: { ...configuration, load } };
    const boundary = randomUUID();
    const head = (type: string): string => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n`;
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from(
        `${head('application/json')}${JSON.stringify(metadata)}\r\n${head('application/octet-stream')}`,
      );
      yield* file as AsyncIterable<Buffer>;
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    }
    const url = `${apiEndpoint}/upload/bigquery/v2/projects/${this.config.jobProject}/jobs?uploadType=multipart`;
    await this.#send(url, `multipart/related; boundary=${boundary}`, Readable.from(body()));
  }

  /** Puts an object where there is none. One of that name is another attempt's, with the same content. */
  async putObject(uri: string, file: Readable): Promise<void> {
    const [, bucket, name = ''] = /^gs:\/\/([^/]+)\/(.*)$/.exec(uri)!;
    const base = `${this.config.storageEndpoint ?? 'https://storage.googleapis.com'}/upload/storage/v1/b/${bucket}/o`;
    const url = `${base}?uploadType=media&ifGenerationMatch=0&name=${encodeURIComponent(name)}`;
    await this.#send(url, 'application/octet-stream', file).catch((error: ApiError) => {
      if (error.code !== 412) throw error;
    });
  }

  /** Sends a file that is read once. Google's client would hold a request open whose file breaks off. */
  async #send(url: string, type: string, body: Readable): Promise<void> {
    const client = await this.#open();
    const headers = new Headers({ 'content-type': type });
    if (this.config.credentials.kind !== 'none') {
      const own = new Headers(await client.authClient.getRequestHeaders(url));
      own.forEach((value, name) => headers.set(name, value));
    }
    const request = { method: 'POST', headers, body: Readable.toWeb(body), duplex: 'half' };
    try {
      const response = await fetch(url, request as unknown as RequestInit);
      const said = await response.text();
      if (!response.ok) throw refusalOf(response.status, said);
    } finally {
      body.destroy();
    }
  }

  async #reference(jobId: string): Promise<{ projectId: string; jobId: string; location?: string }> {
    return { projectId: this.config.jobProject, jobId, ...(await this.#place()) };
  }

  /**
   * Where jobs run, and are found: outside of US and EU there only. Where nobody says, it is where the ledger is; before there is
   * one, BigQuery chooses.
   */
  async #place(): Promise<{ location?: string }> {
    this.#location ??= this.config.location ?? (await this.getDataset(this.config.ledgerDataset))?.location;
    return this.#location === undefined ? {} : { location: this.#location };
  }

  #data(): { projectId: string } {
    return { projectId: this.config.project };
  }

  async #orNull<T>(asked: Promise<T>): Promise<T | null> {
    return asked.catch((error: ApiError) => {
      if (error.code === 404) return null;
      throw error;
    });
  }

  async #ask<T>(uri: string, { again = true, ...asked }: Asked & { projectId?: string }): Promise<T> {
    const client = await this.#open();
    for (let attempt = 0; ; attempt++) {
      try {
        return await new Promise<T>((resolve, reject) => {
          const request = { method: 'GET', projectId: this.config.jobProject, ...asked, uri } as never;
          client.request(request, (error: Error | null, body: T) => (error ? reject(error) : resolve(body)));
        });
      } catch (error) {
        if (!again || !isTransient(error) || attempt === 4) throw error;
        await sleep(Math.random() * 200 * 2 ** attempt);
      }
    }
  }

  #open(): Promise<BigQuery> {
    this.#opened ??= openClient(this.config);
    return this.#opened;
  }
}

async function openClient(config: ResolvedBigQueryConfig): Promise<BigQuery> {
  const { BigQuery: Client } = await import('@google-cloud/bigquery').catch((cause: unknown) => {
    throw loadFailure('ToolUnavailable', {
      what: 'The driver of BigQuery is not installed.',
      object: '@google-cloud/bigquery',
      got: (cause as NodeJS.ErrnoException).code ?? String(cause),
      remedy: 'Install it beside loadline: `npm install @google-cloud/bigquery@8`.',
      cause,
    });
  });
  const { apiEndpoint, location, jobProject, credentials } = config;
  const options: Record<string, unknown> = {
    projectId: jobProject,
    // What may be tried again is decided here, where the job's id is known.
    autoRetry: false,
    scopes: ['https://www.googleapis.com/auth/devstorage.read_write'],
    ...(apiEndpoint && { apiEndpoint }),
    ...(location && { location }),
    ...(credentials.kind === 'key' && { credentials: keyOf(credentials.json) }),
    ...(credentials.kind === 'none' && { authClient: nobody }),
  };
  return new Client(options as BigQueryOptions);
}

/** What an answer of the API that is no success says. */
function refusalOf(status: number, said: string): ApiError {
  let error: { message?: string; errors?: readonly JobError[] } = {};
  try {
    error = (JSON.parse(said) as { error?: typeof error }).error ?? {};
  } catch {
    // A proxy's page.
  }
  const { message = `HTTP ${status}`, errors = [] } = error;
  return Object.assign(new Error(message), { code: status, errors });
}

/** Stands where a client with a token would. */
const nobody = { getRequestHeaders: async () => ({}), getAccessToken: async () => ({ token: null }) };

function keyOf(json: string): unknown {
  try {
    const key: unknown = JSON.parse(json);
    if (typeof key === 'object' && key !== null && 'private_key' in key) return key;
  } catch {
    // Told below, without what is in it.
  }
  throw loadFailure('CredentialsRejected', {
    object: 'the key of the service account',
    expected: 'the JSON of a key file',
    got: 'another text',
    remedy: 'Refer to a key file as Google Cloud made it, or leave it out and use the credentials of the machine.',
  });
}
