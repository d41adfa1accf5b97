import { loadFailure } from './load-error';
import { protocol1 } from './protocol-1';
import { openLoad } from './steps';
import type { CsvOptions, FilesSource, LoadReceipt, LoadRequest } from './contract';
import type { StoreName } from './register';

/**
 * Loads one table, exactly once: the short form of `open → extract → stage → audit → publish`.
 *
 * Call it from a workflow. Whatever crashes, and however often it is started, the rows of one load key are in the
 * table once, and none is visible before all are.
 *
 * @returns the receipt; `outcome` is `already-loaded` when this content was loaded before
 * @throws a Temporal failure whose `type` is a `LoadErrorCode`; see `isLoadError`
 *
 * @example
 * ```ts
 * export async function ordersDaily(input: { day: string }): Promise<LoadReceipt> {
 *   return load({
 *     pipeline: 'orders-daily',
 *     into: 'orders',
 *     mode: 'merge',
 *     from: files('raw', `orders/${input.day}/*.parquet`),
 *     interval: day(input.day),
 *   });
 * }
 * ```
 */
export function load(request: LoadRequest): Promise<LoadReceipt> {
  return loadSet([request]);
}

/**
 * Loads several tables of one warehouse in one publish transaction, under one load key: readers see all or none.
 *
 * @throws as {@link load}; `InvalidRequest` when the requests do not share pipeline, interval and warehouse
 */
export async function loadSet(requests: readonly [LoadRequest, ...LoadRequest[]]): Promise<LoadReceipt> {
  // As JSON from a person it may be anything; an error of another kind would leave the run stuck in its first task.
  if (!Array.isArray(requests) || requests.length === 0)
    throw loadFailure('InvalidRequest', { object: 'loadSet', expected: 'at least one load', got: 'none' });
  const result = await openLoad(requests);
  switch (result.protocol) {
    case 1:
      return protocol1(result, requests);
    default:
      // Not a failure of the load: the task is tried again until a worker that knows the protocol takes it.
      throw new Error(`This worker does not know protocol ${result.protocol}: upgrade loadline on this worker.`);
  }
}

/** Options of {@link files}. */
export type FilesOptions = Omit<FilesSource, 'kind' | 'store' | 'glob' | 'csv'> & CsvOptions;

/**
 * The files of a store that match a glob.
 *
 * @example
 * ```ts
 * files('raw', 'orders/2026-11-22/*.csv.gz', { delimiter: ';' });
 * ```
 */
export function files(store: StoreName, glob: string, options: FilesOptions = {}): FilesSource {
  const { format, identity, ...csv } = options;
  return {
    kind: 'files',
    store,
    glob,
    ...(format && { format }),
    ...(identity && { identity }),
    ...(Object.keys(csv).length > 0 && { csv }),
  };
}
