import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PostgresAccount } from './postgres-account';

/** A folder of its own for what another account must reach. Survives a restart of the machine, unlike /tmp. */
const commonFolder = '/var/tmp';

/** Whether an account can enter a folder; one below root's home it cannot. */
export async function isReachable(folder: string, { uid, gid }: PostgresAccount): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at);
    const mayEnter = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001;
    if ((found.mode & mayEnter) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Where data goes that belongs to `folder` when the account cannot reach it: the same place each time. */
export async function reachableFolder(folder: string, account: PostgresAccount): Promise<string> {
  await mkdir(folder, { recursive: true });
  if (await isReachable(folder, account)) return folder;
  const elsewhere = placeFor(folder);
  await mkdir(elsewhere, { recursive: true, mode: 0o700 });
  await refuseForeign(elsewhere, account);
  await chown(elsewhere, account.uid, account.gid);
  return elsewhere;
}

/** A copy of programs where the account can run them. Made once for each version. */
export async function reachableCopy(folder: string, version: string, account: PostgresAccount): Promise<string> {
  if (await isReachable(folder, account)) return folder;
  const copy = join(commonFolder, `loadline-postgres-${version}`);
  if (existsSync(copy)) {
    await refuseForeign(copy, account);
    return copy;
  }
  const temp = `${copy}.${process.pid}`;
  await cp(folder, temp, { recursive: true, verbatimSymlinks: true });
  // Another process may have been first; its copy is as good.
  await rename(temp, copy).catch(() => rm(temp, { recursive: true, force: true }));
  return copy;
}

function placeFor(folder: string): string {
  return join(commonFolder, `loadline-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
}

/** Anybody may make a folder there; one that is not root's or the account's is not used. */
async function refuseForeign(folder: string, { uid }: PostgresAccount): Promise<void> {
  const found = await stat(folder);
  if (found.uid !== 0 && found.uid !== uid) throw new Error(`${folder} belongs to another user: remove it.`);
}
