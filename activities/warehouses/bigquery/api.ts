import type { SchemaField } from './types';

/** What a job has to say for itself when it has failed. */
export interface JobError {
  readonly reason?: string;
  readonly location?: string;
  readonly message?: string;
}

/** A job, as the API tells it. */
export interface JobResource {
  readonly jobReference: { readonly projectId: string; readonly jobId: string; readonly location?: string };
  readonly configuration: JobConfiguration;
  readonly status: {
    readonly state: 'PENDING' | 'RUNNING' | 'DONE';
    readonly errorResult?: JobError;
    readonly errors?: readonly JobError[];
  };
  readonly statistics?: {
    readonly totalBytesProcessed?: string;
    readonly query?: { readonly numDmlAffectedRows?: string; readonly totalBytesBilled?: string };
    readonly load?: { readonly outputRows?: string };
  };
}

/** What a job does. */
export interface JobConfiguration {
  readonly labels?: Readonly<Record<string, string>>;
  readonly jobTimeoutMs?: string;
  readonly query?: {
    readonly query: string;
    readonly queryParameters?: readonly QueryParameter[];
    readonly [option: string]: unknown;
  };
  readonly load?: LoadConfiguration;
}

/** What a load job loads. */
export interface LoadConfiguration {
  readonly destinationTable: { readonly projectId: string; readonly datasetId: string; readonly tableId: string };
  readonly sourceUris?: readonly string[];
  readonly sourceFormat: 'CSV' | 'NEWLINE_DELIMITED_JSON' | 'PARQUET';
  readonly schema?: { readonly fields: readonly SchemaField[] };
  readonly [option: string]: unknown;
}

/** A typed parameter, as the API takes it. */
export interface QueryParameter {
  readonly name: string;
  readonly parameterType: { readonly type: string; readonly arrayType?: { readonly type: string } };
  readonly parameterValue: { readonly value?: string; readonly arrayValues?: readonly { readonly value: string }[] };
}

/** A page of a query's rows. */
export interface QueryPage {
  readonly jobComplete: boolean;
  readonly schema?: { readonly fields: readonly SchemaField[] };
  readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
  readonly pageToken?: string;
  readonly numDmlAffectedRows?: string;
}

/** A table or a dataset, as the API tells it. */
export interface TableResource {
  readonly type?: string;
  readonly location?: string;
  readonly schema?: { readonly fields?: readonly SchemaField[] };
  readonly streamingBuffer?: unknown;
}

/** Who may do what in a dataset: a role for one of the members, or a view, a routine or a dataset that may read it. */
export interface AccessEntry {
  readonly role?: string;
  readonly userByEmail?: string;
  readonly groupByEmail?: string;
  readonly domain?: string;
  readonly specialGroup?: string;
  readonly iamMember?: string;
  readonly [other: string]: unknown;
}

/** A dataset, as the API tells it. */
export interface DatasetResource {
  readonly etag: string;
  readonly location?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** 0 or nothing: none. */
  readonly defaultTableExpirationMs?: string;
  readonly access?: readonly AccessEntry[];
}
