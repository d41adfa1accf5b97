import type { ErrorFacts } from './print-error';

/** What a worker process is told to get ready with. */
export interface WorkerTask {
  /** The configuration file. */
  readonly config: string;
  readonly profile: string | null;
  readonly address: string;
  readonly namespace: string;
  /** The database that unset secrets mean. */
  readonly databaseUrl: string;
  /** Whether that database was started for this purpose: then DATABASE_URL means it as well. */
  readonly embedded: boolean;
  readonly verbose: boolean;
}

/** What `loadline dev` tells a worker process. */
export type ToWorker = { readonly prepare: WorkerTask } | 'run' | 'stop';

/** What a worker process tells `loadline dev`. */
export type FromWorker =
  | {
      /** Everything is read and bundled. Polling begins when asked for. */
      readonly prepared: PreparedWorker;
    }
  | { readonly failed: ErrorFacts }
  | 'running';

/** What a worker that is ready says of itself. */
export interface PreparedWorker {
  /** Variables that were not set and now mean the embedded database. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Folders to watch, and what in them to leave alone. */
  readonly roots: readonly string[];
  readonly ignored: readonly string[];
  /** Equal text, equal servers: what differs takes effect when the servers are started again. */
  readonly servers: string;
}
