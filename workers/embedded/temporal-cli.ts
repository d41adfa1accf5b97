import { access, constants } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { runProgram } from './run-program';
import { installTemporalCli } from './temporal-cli-install';
import { cliUnavailable, temporalCliVersion } from './temporal-cli-pin';

/** A Temporal CLI that runs on this machine. */
export interface TemporalCli {
  readonly path: string;
  readonly version: string;
  readonly from: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | 'download';
}

/** Options of {@link findTemporalCli}. */
export interface FindTemporalCliOptions {
  /** Told, in one line, when something is done that takes its time. */
  readonly onProgress?: (line: string) => void;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Finds the Temporal CLI: TEMPORAL_CLI_PATH, else `temporal` on PATH, else a pinned release in Loadline's cache, which is
 * installed there at first use.
 */
export async function findTemporalCli(options: FindTemporalCliOptions = {}): Promise<TemporalCli> {
  const { onProgress = () => undefined, env = process.env } = options;
  const named = env['TEMPORAL_CLI_PATH'];
  if (named) return namedCli(resolve(named));
  return (await cliOnPath(env)) ?? (await cachedCli(env)) ?? (await installedCli(env, onProgress));
}

/** Where Loadline keeps what it installs: LOADLINE_CACHE, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['LOADLINE_CACHE'] || envPaths('loadline', { suffix: '' }).cache);
}

async function namedCli(path: string): Promise<TemporalCli> {
  const version = await versionOf(path);
  if (version) return { path, version, from: 'TEMPORAL_CLI_PATH' };
  throw cliUnavailable('TEMPORAL_CLI_PATH names no Temporal CLI that runs.', path);
}

async function cliOnPath(env: NodeJS.ProcessEnv): Promise<TemporalCli | undefined> {
  const names = process.platform === 'win32' ? ['temporal.exe'] : ['temporal'];
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const path of folders.flatMap((folder) => names.map((name) => resolve(folder, name)))) {
    const version = (await isExecutable(path)) && (await versionOf(path));
    if (version) return { path, version, from: 'PATH' };
  }
  return undefined;
}

async function cachedCli(env: NodeJS.ProcessEnv): Promise<TemporalCli | undefined> {
  const path = cachedPath(env);
  // The checksum was verified before the file got its name; what can have happened since shows when it runs.
  const version = (await isExecutable(path)) && (await versionOf(path));
  return version === temporalCliVersion ? { path, version, from: 'cache' } : undefined;
}

async function installedCli(env: NodeJS.ProcessEnv, onProgress: (line: string) => void): Promise<TemporalCli> {
  const path = cachedPath(env);
  await installTemporalCli({ target: path, env, onProgress });
  const version = await versionOf(path);
  if (version === temporalCliVersion) return { path, version, from: 'download' };
  throw cliUnavailable('The Temporal CLI was installed but does not run.', path);
}

/** Where the CLI is, or will be, that Loadline installs for itself. */
export function cachedPath(env: NodeJS.ProcessEnv = process.env): string {
  // Home folders are shared between machines of different kinds.
  return join(cacheFolder(env), `temporal-${temporalCliVersion}-${process.platform}-${process.arch}`);
}

async function versionOf(path: string): Promise<string | undefined> {
  const { stdout } = await runProgram(path, ['--version'], { timeout: 20_000 });
  return /^temporal version (\S+)/m.exec(stdout)?.[1];
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
