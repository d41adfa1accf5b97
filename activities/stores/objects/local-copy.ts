import { createHash, randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { versionOf, type LocalFile } from '../store';
import { workerFull } from '../store-error';
import { copiesFolder } from './copies-folder';
import { takeSpace } from './copy-space';
import { openObject, partBytes, type ObjectReading } from './read-object';

/** Fetches an object into a file that belongs to the caller, hashing it. @throws `WorkerFull`, and what reading throws */
export async function localCopy(reading: ObjectReading, stateDir: string): Promise<LocalFile> {
  const folder = await copiesFolder(stateDir);
  const giveBack = await takeSpace(folder, reading.file.bytes, reading.signal);
  const path = join(folder, `${randomUUID()}.copy`);
  const release = async (): Promise<void> => {
    await rm(path, { force: true });
    giveBack();
  };
  try {
    return { path, ...(await fetchInto(path, reading)), release };
  } catch (error) {
    await release();
    throw workerFull(error, path) ?? error;
  }
}

async function fetchInto(path: string, reading: ObjectReading): Promise<{ sha256: string; version?: string }> {
  const hash = createHash('sha256');
  const object = openObject(reading);
  const file = await open(path, 'wx', 0o600);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(partBytes, Math.max(1, reading.file.bytes)));
    for (let bytes; (bytes = await object.read(buffer)) > 0;) {
      reading.signal?.throwIfAborted();
      hash.update(buffer.subarray(0, bytes));
      await file.writeFile(buffer.subarray(0, bytes));
    }
    return { sha256: hash.digest('hex'), ...versionOf(await object.stat()) };
  } finally {
    await object.close();
    await file.close();
  }
}
