import { readFile, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReplayVerdict } from '../../workers/replay';
import { lazyReplay } from './lazy-replay';
import type { DeploymentAccess } from './access';
import type { RunHistory } from './judge-canary';

/** The bundle of a build in the folder of bundles. */
export const bundlePath = (folder: string, buildId: string): string =>
  path.join(folder, `${encodeURIComponent(buildId)}.js`);

/** Replays histories on the bundle of a build; `null` where there is no such bundle. */
export async function replayOn(
  folder: string,
  buildId: string,
  histories: Iterable<RunHistory> | AsyncIterable<RunHistory>,
): Promise<ReplayVerdict[] | null> {
  const code = await readFile(bundlePath(folder, buildId), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (code === null) return null;
  const named = (async function* () {
    for await (const run of histories) yield { ...run, name: run.workflowId };
  })();
  const verdicts: ReplayVerdict[] = [];
  for await (const verdict of lazyReplay().replayHistories({ code }, named)) verdicts.push(verdict);
  return verdicts;
}

/** Keeps the bundle of the configured build, for the deploy after this one. Resolves to the file, or `null` if it was there. */
export async function keepBundle({ config }: DeploymentAccess, folder: string): Promise<string | null> {
  const file = bundlePath(folder, config.buildId);
  if (await readFile(file).catch(() => null)) return null;
  const { code } = await lazyReplay().bundleForReplay(config);
  await mkdir(folder, { recursive: true });
  // A bundle that was written by half would be believed.
  await writeFile(`${file}.tmp`, code);
  await rename(`${file}.tmp`, file);
  return file;
}
