import { createHash, randomUUID, type Hash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Context } from '@temporalio/activity';
import type { BatchRef } from '../workflows/contract';
import { loadFailure } from '../workflows/load-error';
import { batchHome, type BatchHome } from './batch-home';
import { plainCsv } from './sources/csv-options';
import { batchSha256, saveManifest, syncFolder } from './sources/manifest-file';
import type { Manifest, ManifestFile, Repairs } from './sources/manifest';
import { type Row, toCsv } from './sources/written-rows';
import { batchStoreName, stateStoreName } from './stores/state-store';
import { workerFull } from './stores/store-error';

/** Options of {@link writeBatch}. */
export interface WriteBatchOptions {
  /** Names the batch's folder, for people. Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** The columns and their order. @default the keys of the first row */
  readonly columns?: readonly string[];
}

const heartbeatMs = 5000;

/**
 * Turns rows from anywhere (an API, a database) into a batch that a load can take. Call it in an activity of your own
 * and return the reference; the rows themselves stay out of workflow history.
 *
 * Rows are written as they come, so memory stays flat and the source is read no faster than the disk takes it. A key
 * that a row lacks is NULL; a key that is not among the columns fails with `UnknownColumn`. Inside an activity it
 * heartbeats every few seconds and stops when the activity is cancelled.
 *
 * A retried attempt starts again from the first row: the iterable must yield everything each time. Equal rows in equal
 * order give the same batch.
 *
 * @throws `InvalidRequest`, `InvalidConfig` outside a worker, `UnknownColumn`, `InvalidValue`, and what `rows` throws
 * @example
 * ```ts
 * export async function fetchOrders(day: string): Promise<BatchRef> {
 *   const response = await fetch(`https://shop.example/orders?day=${day}`);
 *   const orders = (await response.json()) as { id: string; amount: string }[];
 *   return writeBatch(orders, { name: 'orders' });
 * }
 * ```
 */
export async function writeBatch(
  rows: AsyncIterable<Row> | Iterable<Row>,
  options: WriteBatchOptions,
): Promise<BatchRef> {
  checkOptions(options);
  return writeOneFile(rows, options);
}

/** As {@link writeBatch} does; rows that were set aside know what they are. */
export async function writeOneFile(
  rows: AsyncIterable<Row> | Iterable<Row>,
  options: WriteBatchOptions,
  repairs?: Repairs,
): Promise<BatchRef> {
  const { stateDir, batchStore } = batchHome();
  const folder = `written/${options.name}`;
  await mkdir(join(stateDir, folder), { recursive: true });
  const temp = join(stateDir, folder, `.${randomUUID()}.tmp`);
  try {
    const done = await writeRows(rows, options, temp);
    const path = `${folder}/${done.sha256}.csv`;
    if (batchStore) await batchStore.put(path, { ...done, file: temp, contentType: 'text/csv' }, signalOf());
    else {
      await rename(temp, join(stateDir, path));
      await syncFolder(join(stateDir, folder));
    }
    return await saveWritten({ stateDir, batchStore }, path, done, repairs);
  } finally {
    await rm(temp, { force: true });
  }
}

interface Written {
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
  readonly columns: readonly string[];
}

async function writeRows(rows: AsyncIterable<Row> | Iterable<Row>, options: WriteBatchOptions, temp: string) {
  const text = toCsv(rows, options);
  const context = activityContext();
  const signal = context?.cancellationSignal;
  const hash = createHash('sha256');
  const meter = hashing(hash);
  const beat = (): void => context?.heartbeat({ rows: text.count(), bytes: meter.bytes() });
  const timer = setInterval(beat, heartbeatMs);
  try {
    // Opened before anything can fail: a stream that opens it itself could make it after it was removed.
    const file = await open(temp, 'wx');
    await pipeline(text.text(), meter.stream, file.createWriteStream({ flush: true }), signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : (workerFull(error, temp) ?? error);
  } finally {
    clearInterval(timer);
  }
  const written: Written = {
    sha256: hash.digest('hex'),
    bytes: meter.bytes(),
    rows: text.count(),
    columns: text.columns(),
  };
  return written;
}

async function saveWritten(
  { stateDir, batchStore }: Pick<BatchHome, 'stateDir' | 'batchStore'>,
  path: string,
  { columns, rows, sha256, bytes }: Written,
  repairs: Repairs | undefined,
) {
  // Two loads may have set aside rows of equal values, and each is to be loaded.
  const fileId = repairs ? `quarantine:${repairs.loadId}:${repairs.repair}` : sha256;
  const file: ManifestFile = { path, bytes, sha256, rows, identity: null, fileId, columns };
  const content = { format: 'csv', csv: plainCsv, files: [file] } as const;
  const manifest: Manifest = {
    version: 1,
    store: batchStore ? batchStoreName : stateStoreName,
    ...content,
    sha256: batchSha256(content),
    sourceIdentity: null,
    ...(repairs && { repairs }),
  };
  return (await saveManifest(stateDir, manifest, 0, batchStore)) as BatchRef;
}

function hashing(hash: Hash): { stream: Transform; bytes: () => number } {
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, bytes: () => bytes };
}

const signalOf = (): AbortSignal | undefined => activityContext()?.cancellationSignal;

function activityContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}

function checkOptions({ name, columns }: WriteBatchOptions): void {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(name)) {
    throw loadFailure('InvalidRequest', {
      object: 'writeBatch: name',
      expected: 'up to 100 letters, digits, ".", "_" and "-"',
      got: JSON.stringify(name),
    });
  }
  if (columns && (columns.length === 0 || new Set(columns).size !== columns.length)) {
    throw loadFailure('InvalidRequest', { object: 'writeBatch: columns', expected: 'at least one name, each once' });
  }
}
