import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadFailure } from '../../workflows/load-error';
import type { PostgresAccount } from './postgres-account';
import type { PostgresBinaries } from './postgres-binaries';
import { lastLines, runProgram } from './run-program';

/** The role that owns everything in the embedded PostgreSQL. */
export const superuser = 'loadline';

const passwordFile = 'loadline-password';

/** Makes the data folder if it is absent or was left half made, and returns the superuser's password. */
export async function ensureCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  account: PostgresAccount | undefined,
): Promise<string> {
  const entries = await readdir(dataDir).catch((): string[] => []);
  // The password is put in last, before the folder gets its name: with it, the folder may be damaged but not half made.
  if (!entries.includes(passwordFile)) {
    if (!entries.every(isMadeByInitdb) || (await holdsControlFile(dataDir))) throw notOurs(dataDir);
    await rm(dataDir, { recursive: true, force: true });
    await initialise(dataDir, binaries, account);
  }
  return (await readFile(join(dataDir, passwordFile), 'utf8')).trim();
}

// Made under another name: the folder has its own name only once it is complete.
async function initialise(
  dataDir: string,
  { initdb }: PostgresBinaries,
  account: PostgresAccount | undefined,
): Promise<void> {
  const [draft, password] = [`${dataDir}.initialising`, `${dataDir}.password`];
  await rm(draft, { recursive: true, force: true });
  await rm(password, { force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(password, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (account) for (const path of [draft, password]) await chown(path, account.uid, account.gid);
  const made = await runProgram(initdb, initdbArguments(draft, password), {
    ...account,
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (!made.ok) throw notInitialised(initdb, lastLines(made.stderr, 3));
  await rename(password, join(draft, passwordFile));
  await rename(draft, dataDir);
}

function initdbArguments(dataDir: string, password: string): string[] {
  return [
    ...['--pgdata', dataDir, '--username', superuser, '--pwfile', password, '--auth', 'scram-sha-256'],
    // Built in, so that text sorts alike on every machine, whatever locales it has.
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    '--no-instructions',
  ];
}

async function holdsControlFile(dataDir: string): Promise<boolean> {
  return (await readdir(join(dataDir, 'global')).catch((): string[] => [])).includes('pg_control');
}

function isMadeByInitdb(name: string): boolean {
  return /^(base|global|pg_\w+(\.conf)?|PG_VERSION|postgresql(\.auto)?\.conf)$/.test(name);
}

function notOurs(dataDir: string): Error {
  return loadFailure('InvalidConfig', {
    what: "The folder for PostgreSQL's data holds something else.",
    object: dataDir,
    expected: 'nothing, or data that Loadline put there',
    remedy: 'Move what is there elsewhere, or choose another state folder.',
  });
}

function notInitialised(initdb: string, got: string): Error {
  return loadFailure('ToolUnavailable', {
    what: 'PostgreSQL could not make its data folder.',
    object: initdb,
    got,
    remedy: 'Correct what it names, or set DATABASE_URL to a server that already runs.',
  });
}
