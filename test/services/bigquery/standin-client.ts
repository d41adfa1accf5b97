import { randomUUID } from 'node:crypto';

/** Names of the variables that carry the stand-in's places. */
export const bigQueryVariables = {
  endpoint: 'LOADLINE_TEST_BIGQUERY_ENDPOINT',
  gcsRoot: 'LOADLINE_TEST_BIGQUERY_GCS_ROOT',
} as const;

/** Where the stand-in is. */
export const bigQueryEndpoint = (): string => variable(bigQueryVariables.endpoint);
/** The folder that is Cloud Storage to the stand-in. */
export const bigQueryGcsRoot = (): string => variable(bigQueryVariables.gcsRoot);

function variable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: run this test by jest, in the project bigquery.`);
}

/** What is to go wrong with requests whose method, path and body match. */
export interface StandinFault {
  /** A regular expression of `METHOD path body`. */
  readonly match: string;
  /** `drop-…`: the connection ends without an answer, before or after the request was done. `slow`: the job starts later, or once faults are cleared. */
  readonly action: 'drop-before' | 'drop-after' | 'status' | 'slow';
  /** @default 1 */
  readonly times?: number;
  readonly status?: number;
  readonly reason?: string;
  /** Of `slow`. */
  readonly ms?: number;
}

/** Test files share the stand-in, and end their own faults only. */
const owner = randomUUID();

/** Has requests go wrong. */
export async function standinFault(fault: StandinFault): Promise<void> {
  await fetch(`${bigQueryEndpoint()}/standin/faults`, { method: 'POST', body: JSON.stringify({ ...fault, owner }) });
}

/** Ends the faults of this test file. */
export async function clearStandinFaults(): Promise<void> {
  await fetch(`${bigQueryEndpoint()}/standin/faults`, { method: 'DELETE', body: owner });
}

/** A job as the stand-in keeps it. */
export interface StandinJob {
  readonly jobReference: { readonly jobId: string };
  readonly configuration: { readonly labels?: Record<string, string>; readonly load?: Record<string, unknown> };
  readonly status: {
    readonly state: string;
    readonly errorResult?: { readonly reason: string; readonly message: string };
  };
}

/** The jobs whose id holds this text, in the order in which they were started. */
export async function standinJobs(part: string): Promise<StandinJob[]> {
  const response = await fetch(`${bigQueryEndpoint()}/standin/jobs`);
  const jobs = (await response.json()) as StandinJob[];
  return jobs.filter(({ jobReference }) => jobReference.jobId.includes(part));
}
